/** The embedded PostgreSQL's settings: given at each start, so that old data gets new settings too. */

/** @returns setting names and values, as `postgres -c name=value` takes them. */
export function postgresSettings(choice: {
  readonly port: number
  readonly durable: boolean
}): Readonly<Record<string, string | number>> {
  return { ...common, port: choice.port, ...(choice.durable ? durable : throwAway) }
}

const common = {
  listen_addresses: '127.0.0.1',
  // The path of a socket in the data folder may exceed what the system allows for one.
  unix_socket_directories: '',
  max_connections: 200,
  default_transaction_isolation: 'serializable',
  // SERIALIZABLE remembers what was read; when it runs out of room it locks whole pages and tables
  // instead, and transactions that never met fail.
  max_pred_locks_per_transaction: 256,
  max_pred_locks_per_page: 16,
  jit: 'off',
  // A sale is a point read: parallel workers only cost processes and shared memory, and containers
  // are short of the latter.
  max_parallel_workers_per_gather: 0,
  io_method: 'sync',
  // Nothing replicates from here.
  wal_level: 'minimal',
  max_wal_senders: 0,
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] ',
} as const

const durable = { shared_buffers: '256MB', fsync: 'on', synchronous_commit: 'on' } as const

const throwAway = {
  shared_buffers: '128MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
} as const
