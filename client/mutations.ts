/**
 * Which mutations may be sent again after a lost answer, and how their fate is learnt. The types
 * hold it complete: a mutation of the router that is missing here, or that is keyed there and not
 * here, does not compile. What a newer server adds is unknown here and is never repeated blindly.
 */
import type { KeyedPath, MutationPath } from './api.ts'

type Repeatable<Keyed extends boolean> = {
  /** True: safe by its `key`. False: safe by its input, as each entry says. */
  readonly keyed: Keyed
  /** What to do when the outcome is unknown, as the end of a sentence. */
  readonly ask: string
}

type Mutations = {
  readonly [Path in MutationPath]: Repeatable<Path extends KeyedPath ? true : false>
}

const again = 'send the same call again'
/** The new thing's id is derived from the key and who asks. */
const created = { keyed: true, ask: `${again} with this key` } as const
/** Given the version that was read, a second change is refused: EDIT_CONFLICT, and not done. */
const changed = { keyed: false, ask: 'read it and compare its version' } as const
/** Only moves forward to a state; where it is already, nothing happens. */
const moved = { keyed: false, ask: `${again}, or look with admin.events.get` } as const

const mutations: Mutations = {
  // The hold's id is derived from event, buyer and key.
  'holds.place': {
    keyed: true,
    ask: `${again} with this key; orders.getByKey({ event, key }) tells whether it became an order`,
  },
  // Sets an end that is counted from now: the last one counts.
  'holds.extend': { keyed: false, ask: `${again}, or look with holds.get` },
  // Giving back twice is as good as once.
  'holds.release': { keyed: false, ask: `${again}, or look with holds.get` },
  // The token names the hold: what came back once, is there.
  'holds.reclaim': { keyed: false, ask: `${again}, or look with holds.get` },
  // The order's id is the hold's id.
  'checkout.start': {
    keyed: false,
    ask: `${again}, or ask with orders.getByKey({ event, key }) and the key of the hold`,
  },
  // The payment provider takes the key, so that a card is tried once per key.
  'checkout.confirm': {
    keyed: true,
    ask: `${again} with this key, or ask with checkout.status({ order })`,
  },
  // An address has one account: signing up again mails another code, which replaces the first.
  'accounts.signUp': { keyed: false, ask: again },
  'accounts.sendCode': { keyed: false, ask: again },
  // The code is used up; whose password it set gets the same answer again.
  'accounts.verifyEmail': { keyed: false, ask: again },
  'accounts.resetPassword': { keyed: false, ask: again },
  // One sign-in with one key is one device.
  'accounts.signIn': created,
  'accounts.signInSecondFactor': created,
  // A refresh token is good once; with another key its second use would be theft.
  'accounts.refresh': created,
  'accounts.signOut': { keyed: false, ask: again },
  'accounts.signOutEverywhere': { keyed: false, ask: again },
  'accounts.sessions.end': { keyed: false, ask: `${again}, or look with accounts.sessions.list` },
  'accounts.update': changed,
  // What was to be the password is it: the same answer.
  'accounts.changePassword': { keyed: false, ask: again },
  // Another code replaces the first.
  'accounts.email.request': { keyed: false, ask: again },
  'accounts.email.confirm': { keyed: false, ask: `${again}, or look with accounts.get` },
  // Another secret replaces the one that was not confirmed.
  'accounts.totp.begin': { keyed: false, ask: again },
  'accounts.totp.confirm': { keyed: false, ask: 'look with accounts.get' },
  'accounts.totp.disable': { keyed: false, ask: again },
  // Whoever has left is no member, and so has left.
  'organisations.leave': { keyed: false, ask: `${again}, or look with organisations.mine` },
  // A code is used up by one person, to whom it answers the same again.
  'invitations.accept': { keyed: false, ask: again },
  'admin.organisations.create': created,
  'admin.organisations.update': changed,
  'admin.members.setRole': changed,
  'admin.members.remove': { keyed: false, ask: 'look with admin.members.list' },
  'admin.invitations.create': created,
  'admin.invitations.resend': changed,
  'admin.invitations.withdraw': { keyed: false, ask: again },
  // The text of a key is answered once: a second answer has none.
  'admin.keys.create': {
    keyed: true,
    ask: `${again} with this key; when its text is null, revoke it and make another one`,
  },
  'admin.keys.revoke': { keyed: false, ask: again },
  'admin.venues.create': created,
  'admin.venues.update': changed,
  // A map is named by the hash of its content.
  'admin.seatMaps.import': { keyed: false, ask: again },
  'admin.events.create': created,
  'admin.events.update': changed,
  'admin.events.setPrices': changed,
  'admin.events.publish': moved,
  'admin.events.endSales': moved,
  'admin.events.cancel': moved,
  // What has moved already is not moved again.
  'admin.regions.drain': { keyed: false, ask: `${again}, or look with admin.regions.status` },
  'admin.regions.restore': { keyed: false, ask: `${again}, or look with admin.regions.status` },
}

/** What is known of a mutation, or null for one that this client does not know. */
export function findMutation(path: string): Repeatable<boolean> | null {
  return Object.hasOwn(mutations, path) ? mutations[path as MutationPath] : null
}
