/**
 * What a request may look like before its body is read: few header lines, a short address, and a
 * body, if any, of plain UTF-8 JSON. Compressed bodies are never taken: a small one can be a bomb.
 */
import type { FastifyRequest } from 'fastify'
import { limits } from '../platform/limits.ts'

export type ContentFault = { readonly status: 400 | 414 | 415 | 431; readonly text: string }

const charsets = /;\s*charset\s*=\s*("?)([^\s;"]*)\1/gi

/** Of two, a proxy may have looked at the other. */
function hostsIn(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length
}

/** @returns what is wrong; null when nothing is */
export function contentFault({ raw, headers }: FastifyRequest): ContentFault | null {
  const { rawHeaders, url = '' } = raw
  if (rawHeaders.length > limits.headersMax * 2) {
    return { status: 431, text: `A request may have ${limits.headersMax} headers.` }
  }
  if (hostsIn(rawHeaders) > 1) return { status: 400, text: 'A request has one host.' }
  if (url.length > limits.urlCharactersMax) {
    return { status: 414, text: `An address may have ${limits.urlCharactersMax} characters.` }
  }
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') {
    return { status: 415, text: 'Send the body as it is: no content-encoding is taken.' }
  }
  for (const [, , charset] of (headers['content-type'] ?? '').matchAll(charsets)) {
    if (!/^utf-?8$/i.test(charset ?? '')) return { status: 415, text: 'Send JSON in UTF-8.' }
  }
  return null
}
