/** The procedures that a request calls: separated by commas, which may come percent-encoded. */

const prefix = '/trpc/'

/** As sent: a name in disguise is still one call, only not known for what it is. */
export function pathsIn(url: string): string[] {
  const path = url.split('?', 1)[0] ?? ''
  return path.slice(prefix.length).split(/,|%2c/i)
}
