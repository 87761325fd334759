/** `npm run migrate`: brings the database of DATABASE_URL to the newest schema. */
import { migrate } from './migrate.ts'

const url = process.env['DATABASE_URL']
const regions = process.env['REGIONS']
if (!url || !regions) {
  process.stderr.write(
    'Set DATABASE_URL and REGIONS (name=code,…), for example REGIONS=us-east1=use1\n',
  )
  process.exit(2)
}
try {
  const names = regions.split(',').map((pair) => ({ name: pair.split('=')[0]?.trim() ?? '' }))
  await migrate({ url, regions: names, log: (line) => process.stdout.write(`${line}\n`) })
} catch (cause) {
  process.stderr.write(`Migration failed: ${(cause as Error).message}\n`)
  process.exit(1)
}
