/**
 * docs/access.md, written from the rules that the router's procedures declare, so that what people
 * read cannot differ from what the server does. The text around the tables stands here.
 */
import { type AccessRule, roleCovers, roles, scopes } from '../../server/domain/access.ts'
import { appRouter } from '../../server/transport/routers/index.ts'

export const accessPagePath = 'docs/access.md'

type Declared = { readonly _def: { readonly type: string; readonly meta: { access: AccessRule } } }
type Procedure = { readonly path: string; readonly type: string; readonly access: AccessRule }

const procedures: readonly Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, Declared>,
).map(([path, { _def }]) => ({ path, type: _def.type, access: _def.meta.access }))

const opening = `# Who may do what

Every procedure declares its rule where it is written (\`server/transport/routers/\`), and every plain route where it is registered. The tables below are made from these rules.

- **A person** shows an access token. What they may do for an organisation is looked up in \`memberships\`, not read from the token: a role that was taken away is gone everywhere within five seconds.
- **A machine** shows an API key. It belongs to one organisation, does what its scopes say, and is never a person: it buys nothing, invites nobody and makes no keys.
- **Those who run the platform** may do for any organisation what its owners may, but only with a reason: the header \`x-acting-reason\`, 10 to 500 characters, percent-encoded where it is not ASCII. Without it the answer is \`REASON_NEEDED\`; with it the reason stands in the organisation's own audit log, which its owners read.
- What belongs to somebody else looks as if it did not exist: \`NOT_FOUND\` in both cases, and \`NOT_ALLOWED\` for every organisation on which the caller has no role, whether there is such a one or not.

Every change is kept: see [the audit log](audit.md).

## Roles

| role | is for | may also do what these may |
| --- | --- | --- |
| \`owner\` | who answers for the organisation: people, keys, the audit log. At least one stays (\`LAST_OWNER\`) | all |
| \`manager\` | who runs it: venues, events, prices, invitations to every role but owner | all but owner |
| \`box_office\` | who sells and helps at the counter; no procedure asks for it yet | |
| \`door\` | who lets people in | |
| \`finance\` | who looks after the money; no procedure asks for it yet | |
`

const closing = `## API keys

Owners make them with \`admin.keys.create\`: a name, scopes, and an end within a year. The answer has the key's text, \`frk_\` and 66 more characters, **once**. Only its hash is kept, so nobody can show it again: the same call with the same idempotency key answers the same key without its text. Whoever lost the answer revokes that key and makes another one with another idempotency key.

A key is dead on every server within five seconds after \`admin.keys.revoke\`. It stays when whoever made it leaves: it is the organisation's. \`admin.keys.list\` says when each was last used, to the minute. The last six characters are a checksum, so that scanners of leaked secrets can tell a key from other text: search for \`frk_[0-9a-f]{16}_[A-Za-z0-9_-]{49}\`.

## Invitations

\`admin.invitations.create\` sends a code to an e-mail address. Whoever is signed in and knows the code accepts it with \`invitations.accept\`, once, within seven days; the code and not the address counts, since people have accounts with other addresses than those of their work. Who offered a role must still be allowed to give it when it is accepted. The address is kept in the region in which it was given, and only until the invitation has been accepted, withdrawn or has run out.

## How to begin

1. Sign up (or sign in at your OpenID Connect issuer) and note the subject of your access token: \`usr_…\` for accounts of our own.
2. At a server's own machine: \`DATABASE_URL=… REGION=us-east1 npm run platform-admins -- add <subject>\`. \`list\` and \`remove\` do what they say. No call of the API can make somebody run the platform.
3. As that person, \`admin.organisations.create\` with \`owner: { email }\` (an invitation goes out) or \`owner: { person }\` (their subject). From then on the organisation's people look after themselves.

An organisation that has lost all its owners gets a new one from step 3's person: \`admin.invitations.create\` with the role \`owner\` and a reason.
`

export function accessPage(): string {
  const sections = [roleTable(), scopeTable(), otherTable()]
  return `${[opening, ...sections, closing].join('\n')}`
}

/** Each procedure of an organisation, and which of the roles and scopes opens it. */
function roleTable(): string {
  const ruled = procedures.flatMap(({ path, access }) =>
    access.kind === 'role' ? [{ path, access }] : [],
  )
  const rows = ruled.map(({ path, access }) => [
    `\`${path}\``,
    ...roles.map((role) => (roleCovers(role, access.role) ? 'yes' : '')),
    access.scope === null ? 'never' : `\`${access.scope}\``,
  ])
  const head = ['procedure', ...roles.map((role) => `\`${role}\``), 'a key with the scope']
  return `## What each role may do\n\nEach input names the \`organisation\` that it is about.\n\n${table(head, rows)}`
}

const meanings: Readonly<Record<(typeof scopes)[number], string>> = {
  'catalogue:read': 'venues, seat maps, events and prices of the organisation, drafts too',
  'catalogue:write': 'making and changing them, from the draft to the end of the sale',
  'members:read': 'who has which role',
  'audit:read': 'who did what',
}

function scopeTable(): string {
  const rows = scopes.map((scope) => {
    const opened = procedures.filter(
      ({ access }) => access.kind === 'role' && access.scope === scope,
    )
    return [`\`${scope}\``, meanings[scope], opened.map(({ path }) => `\`${path}\``).join(', ')]
  })
  return `## Scopes of keys\n\n${table(['scope', 'opens', 'procedures'], rows)}`
}

const others: readonly (readonly [AccessRule['kind'], string])[] = [
  ['public', 'Everybody, signed in or not'],
  ['signed-in', 'Every person; no machine'],
  ['owner', 'A person, for what is their own; anything else is `NOT_FOUND`'],
  ['platform-admin', 'Those who run the platform'],
  ['region', 'Servers of other regions, by signed calls'],
]

function otherTable(): string {
  const rows = others.map(([kind, who]) => {
    const open = procedures.filter(({ access }) => access.kind === kind)
    return [who, open.map(({ path }) => `\`${path}\``).join(', ')]
  })
  return `## Everything else\n\n${table(['who', 'procedures'], rows)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `${lines.join('\n')}\n`
}
