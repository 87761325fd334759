/** An address as much as a colleague needs to recognise it: `olga@example.org` is `o…@example.org`. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@')
  if (at < 1) return '…'
  const [first = ''] = email
  return `${first}…${email.slice(at)}`
}
