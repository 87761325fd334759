/** docs/access.md says what the router's rules say. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scopes } from '../../server/domain/access.ts'
import { appRouter } from '../../server/transport/routers/index.ts'
import { accessPage, accessPagePath } from './access-page.ts'
import { projectRoot } from './source.ts'

describe('the page of access', () => {
  it('is what `npx tsx test/tidy/write-access-page.ts` writes', async () => {
    expect(await readFile(join(projectRoot, accessPagePath), 'utf8')).toBe(accessPage())
  })

  it('has every procedure in a table', () => {
    const cells = accessPage()
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .join('\n')
    for (const path of Object.keys(appRouter._def.procedures)) {
      expect(cells).toContain(`\`${path}\``)
    }
  })

  it('has no scope that opens nothing', () => {
    for (const scope of scopes) expect(accessPage()).toMatch(new RegExp(`${scope}\` \\| .* \\| \``))
  })
})
