/** The typed client of Frontrow's API; client/README.md shows it by example. */
export {
  type AccountSessionOptions,
  accountSession,
  type KeptSession,
  type SignedIn,
} from './account-session.ts'
export type { Answer, Api, CallOptions, RefusalCode } from './api.ts'
export type { Checkout, Purchase } from './buy.ts'
export { type Client, type ClientOptions, createClient, type Session } from './create-client.ts'
export type { FailureCode, Issue } from './failure.ts'
export { FrontrowError, type Outcome } from './frontrow-error.ts'
export type { OlderAnswer } from './links/endpoint-link.ts'
export type { Token } from './token-source.ts'
export type { Fetch } from './whole-answer-fetch.ts'
export { languages, type Refused, wordsFor } from './words/index.ts'
export type { Language, Phrase, Words } from './words/language.ts'
