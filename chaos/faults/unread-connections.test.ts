import { expect, it } from 'vitest'
import { unreadIn } from './unread-connections.ts'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1538 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0
   1: 0100007F:1538 0100007F:9C40 01 00000000:0000002F 00:00000000 00000000     0
   2: 0100007F:1538 0100007F:9C42 01 00000000:00000000 00:00000000 00000000     0
   3: 0100007F:1538 0100007F:9C44 08 00000000:0000002F 00:00000000 00000000     0
   4: 0100007F:9C40 0100007F:1538 01 00000000:0000002F 00:00000000 00000000     0
`

it('connections with unread words are counted at the side that does not read', () => {
  expect(unreadIn(table, 5432)).toBe(2)
  expect(unreadIn(table, 40_000)).toBe(1)
  expect(unreadIn(table, 1)).toBe(0)
})
