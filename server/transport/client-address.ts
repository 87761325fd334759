/**
 * Where a request comes from. What a proxy says is taken only from those that the settings trust,
 * and only where it is an address at all: everything else is the address of the socket.
 */
import type { FastifyRequest } from 'fastify'
import { plainAddress } from '../platform/address-block.ts'

/** The client's address as text; `unknown` only for a connection that is already gone. */
export function addressOf(request: FastifyRequest): string {
  return plainAddress(request.ip) ?? plainAddress(request.socket.remoteAddress ?? '') ?? 'unknown'
}
