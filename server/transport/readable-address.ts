/**
 * The path and query of a request, or an address where nothing is: what cannot be decoded never
 * reaches the router, which would repeat it and tell its own name.
 */

const nowhere = '/an-address-that-cannot-be-read'

export function readableAddress(url: string): string {
  const target = url.startsWith('/') ? url : ofAbsoluteForm(url)
  const path = target.split('?', 1)[0] ?? ''
  if (!path.includes('%')) return target
  try {
    decodeURIComponent(path)
    return target
  } catch {
    return nowhere
  }
}

/** A server must take `GET http://host/path` too (RFC 9112, 3.2.2). */
function ofAbsoluteForm(url: string): string {
  if (!/^https?:\/\//i.test(url)) return nowhere
  try {
    const { pathname, search } = new URL(url)
    return pathname + search
  } catch {
    return nowhere
  }
}
