/**
 * The types of the API, taken from the server's router and from nowhere else. Types only: not a
 * byte of the server reaches a client. The one file of the client that knows the server.
 */
import type { TRPCClient, TRPCProcedureOptions } from '@trpc/client'
import type { RefusalCode } from '../server/domain/refusal.ts'
import type { AppRouter } from '../server/transport/routers/index.ts'

export type { AppRouter, RefusalCode }

/** tRPC's own client of our router, where every `key` must be given. Regions' own calls are not. */
type StrictApi = Pick<TRPCClient<AppRouter>, Exclude<keyof AppRouter['_def']['record'], 'internal'>>

/** What may be said about one call, beside its input. */
export type CallOptions = TRPCProcedureOptions & {
  readonly context?: {
    /** How long this call may take with all its attempts, instead of the client's `deadlineMs`. */
    readonly deadlineMs?: number
  }
}

/** The procedures as callers see them: the client makes an idempotency key that is left out. */
export type Api = WithCalls<StrictApi>

type WithCalls<Node> = {
  [Name in keyof Node]: Node[Name] extends { mutate: infer Mutate }
    ? { mutate: Call<Mutate, 'key may be missing'> }
    : Node[Name] extends { query: infer Query }
      ? { query: Call<Query, 'as it is'> }
      : WithCalls<Node[Name]>
}

type Call<Resolver, Wanted> = Resolver extends (
  input: infer Input,
  ...rest: infer _
) => infer Answer
  ? (
      input: Wanted extends 'as it is' ? Input : KeyMayBeMissing<Input>,
      options?: CallOptions,
    ) => Answer
  : never

type KeyMayBeMissing<Input> = Input extends { key: string }
  ? Omit<Input, 'key'> & { key?: string }
  : Input

/** `'holds.place' | 'holds.extend' | …`: every mutation of the router. */
export type MutationPath = PathOf<StrictApi, unknown>

/** The mutations whose input has an idempotency key. */
export type KeyedPath = PathOf<StrictApi, { key: string }>

type PathOf<Node, Wanted, Prefix extends string = ''> = {
  [Name in keyof Node & string]: Node[Name] extends {
    mutate: (input: infer Input, ...rest: infer _) => unknown
  }
    ? Input extends Wanted
      ? `${Prefix}${Name}`
      : never
    : Node[Name] extends { query: unknown }
      ? never
      : PathOf<Node[Name], Wanted, `${Prefix}${Name}.`>
}[keyof Node & string]

/** The answer of a procedure: `Answer<Api['holds']['place']['mutate']>`. */
export type Answer<Resolver extends (...input: never[]) => PromiseLike<unknown>> = Awaited<
  ReturnType<Resolver>
>
