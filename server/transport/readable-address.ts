/**
 * The address of a request, or one where nothing is: what cannot be decoded never reaches the
 * router, which would repeat it and tell its own name.
 */

const nowhere = '/an-address-that-cannot-be-read'

export function readableAddress(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  if (!path.includes('%')) return url
  try {
    decodeURIComponent(path)
    return url
  } catch {
    return nowhere
  }
}
