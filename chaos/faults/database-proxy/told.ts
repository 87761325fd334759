/** What the proxy says itself: to the client in the server's name, to the server in the client's. */

export type TransactionStatus = 'I' | 'T' | 'E'

/** CockroachDB's words for the codes that PostgreSQL never gives. */
const words: Readonly<Record<string, string>> = {
  '40001': 'restart transaction: told by the proxy',
  '40003': 'result is ambiguous: told by the proxy',
  XXUUU: 'an error without a code: told by the proxy',
}

export function errorTold(code: string): Buffer {
  const message = words[code] ?? 'told by the proxy'
  return framed('E', `SERROR\0VERROR\0C${code}\0M${message}\0\0`)
}

export function readyTold(status: TransactionStatus): Buffer {
  return framed('Z', status)
}

export function queryTold(text: string): Buffer {
  return framed('Q', `${text}\0`)
}

function framed(type: string, body: string): Buffer {
  const bytes = Buffer.from(`${type}....${body}`)
  bytes.writeUInt32BE(bytes.length - 1, 1)
  return bytes
}
