/** Lists compared as sets of one member each. */

/** Whether both have the same members, each once. */
export function sameMembers<Member>(one: readonly Member[], other: readonly Member[]): boolean {
  const members = new Set(one)
  return (
    members.size === one.length &&
    one.length === other.length &&
    new Set(other).size === other.length &&
    other.every((member) => members.has(member))
  )
}
