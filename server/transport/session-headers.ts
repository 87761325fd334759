/** The headers by which a client and the servers of all regions speak of what it has seen. */

/** Both ways: an opaque token (domain/seen-orders.ts). Kept by the client, sent with each call. */
export const seenHeader = 'x-frontrow-seen'

/** `true` on an answer that is older than what the client has seen: newer could not be had. */
export const olderHeader = 'x-frontrow-older'
