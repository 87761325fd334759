/** The answer of a book that is being handed over. */
import { HoldBookSealedError } from '../../domain/hold-replication.ts'

export function sealed(): HoldBookSealedError {
  return new HoldBookSealedError('the hold book is being handed to another region')
}
