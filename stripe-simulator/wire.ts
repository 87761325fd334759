/**
 * Requests and responses between the HTTP server and the rest, free of sockets.
 */
export interface WireRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type WireHeaders = Readonly<Record<string, string>>

export type WireResponse =
  | {
      readonly kind: 'send'
      readonly status: number
      readonly headers: WireHeaders
      readonly body: string
    }
  /** No answer; the connection is closed after this time. */
  | { readonly kind: 'hang'; readonly closeAfterMs: number }
  /** The connection is reset at once. */
  | { readonly kind: 'reset' }
