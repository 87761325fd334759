/** The Go program around CockroachDB's parser, built as test/support/go-program.ts says. */
import { fileURLToPath } from 'node:url'
import { buildGoProgram, type GoProgram, runGoTestsOf, whyNotBuilt } from '../support/go-program.ts'

const checker: GoProgram = {
  name: 'crdb-grammar',
  folder: fileURLToPath(new URL('.', import.meta.url)),
  goMin: '1.23',
  modules: "the modules of CockroachDB's parser",
}

/** @throws NotToBeHadError when Go or the parser's modules are not to be had here */
export const buildChecker = (): Promise<string> => buildGoProgram(checker)

export const runGoTests = (): Promise<string> => runGoTestsOf(checker)

/** Why no SQL can be checked here; null when it can. */
export const whyNoChecker = (): Promise<string | null> => whyNotBuilt(checker)
