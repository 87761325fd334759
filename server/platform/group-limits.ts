/** Bounds of the calls that travel to another region together. */
export const groupLimits = {
  /** Those that come closer to each other than this share a request: below what a WAN varies by. */
  gatherMs: 10,
  /** A request of so many is still a small body. */
  callsMax: 32,
  /** Body and address of one of them: a hold of fifty places is below this. */
  callCharactersMax: 4_096,
} as const
