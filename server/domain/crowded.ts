/** The answer of a hold book that is asked by more fans at once than it can choose seats for. */
import { RefusedError, refusal } from './refusal.ts'

export function crowded(): RefusedError {
  return new RefusedError(refusal('CONTENTION', 'Many want these seats at once. Try again.'))
}
