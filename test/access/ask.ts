/** One call as a caller sends it, and what of its answer may tell things apart. */

export type Headers = Readonly<Record<string, string>>

export type Ask = {
  readonly url: string
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly headers: Headers
  readonly input: unknown
}

export type Answer = {
  readonly status: number
  /** The refusal's code; null where there is none. */
  readonly code: string | null
  /** Everything that a caller sees, but for the request's own id. */
  readonly seen: string
}

export async function ask({ url, path, type, headers, input }: Ask): Promise<Answer> {
  const body = JSON.stringify(input)
  const target = `${url}/trpc/${path}`
  const response =
    type === 'query'
      ? await fetch(`${target}?input=${encodeURIComponent(body)}`, { headers })
      : await fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        })
  return read(response)
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const parsed = JSON.parse(text) as {
    error?: { data?: { requestId?: string; refusal?: { code: string } | null } }
  }
  const requestId = parsed.error?.data?.requestId
  const seen = requestId === undefined ? text : text.replaceAll(requestId, '<request>')
  return { status: response.status, code: parsed.error?.data?.refusal?.code ?? null, seen }
}
