/** What a person can act on when a command does not do its work: sentences, shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The command was called wrongly; its message is one sentence, its usage is shown beside it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
