import { expect, it } from 'vitest'
import { waitingIn } from './asleep.ts'

/** As the kernel writes it: 1F90 is 8080, 0A listens, 01 is established, 08 was left by the caller. */
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1546490 2
   1: 0100007F:1F90 0100007F:9AA5 01 00000000:0000012C 00:00000000 00000000     0        0 1669051 1
   2: 0100007F:1F90 0100007F:9AA6 01 00000000:00000000 00:00000000 00000000     0        0 1669052 1
   3: 0100007F:1F90 0100007F:9AA7 08 00000000:00000001 00:00000000 00000000     0        0 1669053 1
   4: 0100007F:9AA5 0100007F:1F90 01 0000012C:00000000 00:00000000 00000000     0        0 1669054 1
   5: 0100007F:0FA0 0100007F:9AA9 01 00000000:00000009 00:00000000 00000000     0        0 1669055 1
`

it('counts connections that nobody accepted, and those with words that nobody read', () => {
  expect(waitingIn(table, [8080])).toBe(5)
  expect(waitingIn(table, [8080, 4000])).toBe(6)
  expect(waitingIn(table, [1])).toBe(0)
  expect(waitingIn('', [8080])).toBe(0)
})
