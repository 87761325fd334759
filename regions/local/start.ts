/**
 * `npm start`: one whole Frontrow on this machine, until Ctrl-C, SIGTERM or SIGHUP. Everything of
 * ours is imported late, so that a Node that is too old is one sentence and not a syntax error.
 */
const oldestNode = [20, 19] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  process.stderr.write(
    `Frontrow needs Node ${oldestNode.join('.')} or later; this is ${process.versions.node}.\n`,
  )
  process.exit(1)
}

const { launch } = await import('./launch.ts')
process.exit(
  await launch({
    args: process.argv.slice(2),
    environment: process.env,
    // Whoever starts this otherwise, such as nohup, may well end before it.
    stopWithStarter: process.env['npm_lifecycle_event'] !== undefined,
  }),
)
