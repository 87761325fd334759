/** A launcher to be killed: starts one service over a folder, says so in one line of JSON, waits. */
import { startPostgres } from '../../regions/local/postgres.ts'
import { startRedis } from '../../regions/local/redis.ts'

const [service, dataFolder = ''] = process.argv.slice(2)
const start = service === 'redis' ? startRedis : startPostgres
const running = await start({ dataFolder })
process.stdout.write(`${JSON.stringify({ url: running?.url, pid: running?.pid })}\n`)
await running?.exited
