/**
 * What a person can act on when a local part does not start: one clear sentence, shown without a
 * stack. Anything else that is thrown below regions/local is a bug.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** What keeps a person from using a folder, by the system's code for it. */
const folderFaults: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file stands in its way',
  EEXIST: 'a file stands in its way',
  ENOSPC: 'the disk is full',
}

/** @returns the sentence for a fault of the file system that a person can repair, else the error. */
export function explainFolderFault(
  error: unknown,
  { name, folder }: { readonly name: string; readonly folder: string },
): unknown {
  const fault = folderFaults[codeOf(error) ?? '']
  if (fault === undefined) return error
  return new StartError(
    `${name} can't keep its data in ${folder}: ${fault}. Choose another data folder.`,
    { cause: error },
  )
}

/** The system's code of an error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
