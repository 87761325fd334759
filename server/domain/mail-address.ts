/**
 * Mail addresses, as far as it matters that one is one: nothing in it can end a header or a
 * command of SMTP, or be read as a second address. Whether mail arrives there only mail can tell.
 */

/** RFC 5321, 4.5.3.1: a path has 256 characters with its brackets, a local part 64. */
const addressCharactersMax = 254
const localCharactersMax = 64

export type Sender = {
  /** As the reader's program shows it; empty when only the address is known. */
  readonly name: string
  readonly address: string
}

/** No quoted local parts, which nobody has; letters of any script on both sides (RFC 6531). */
export function isMailAddress(text: string): boolean {
  if (text.length > addressCharactersMax || text !== text.normalize('NFC')) return false
  const [local = '', domain = '', ...more] = text.split('@')
  return (
    more.length === 0 && local.length <= localCharactersMax && isLocal(local) && isDomain(domain)
  )
}

/** `tickets@example.org` or `Frontrow <tickets@example.org>`; null when it is neither. */
export function senderOf(text: string): Sender | null {
  const [, name = '', bracketed] = /^([^<>\p{C}]*)<([^<>]*)>$/u.exec(text.trim()) ?? []
  const address = bracketed ?? text.trim()
  if (!isMailAddress(address)) return null
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address }
}

/** Dots only between others; all that the grammar calls atext, or that is a letter or a digit. */
function isLocal(local: string): boolean {
  return /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(
    local,
  )
}

function isDomain(domain: string): boolean {
  return /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)*$/u.test(
    domain,
  )
}
