/** Accounts of fans and staff: signing up and in, codes, sessions, what one changes of oneself. */
import { z } from 'zod'
import { getAccount, type ShownAccount, updateAccount } from '../../application/accounts/account.ts'
import { confirmEmailChange, requestEmailChange } from '../../application/accounts/change-email.ts'
import { changePassword } from '../../application/accounts/change-password.ts'
import { refresh } from '../../application/accounts/refresh.ts'
import { resetPassword } from '../../application/accounts/reset-password.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  endSecondFactor,
} from '../../application/accounts/second-factor.ts'
import { sendCode } from '../../application/accounts/send-code.ts'
import { endSession, listSessions, signOutEverywhere } from '../../application/accounts/sessions.ts'
import { signIn, signInSecondFactor, signOut } from '../../application/accounts/sign-in.ts'
import { signUp } from '../../application/accounts/sign-up.ts'
import { verifyEmail } from '../../application/accounts/verify-email.ts'
import { limits } from '../../platform/limits.ts'
import * as own from '../account-shapes.ts'
import type { Context } from '../context.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

const { code, email, password } = own
const { key } = shapes
const yes = <Name extends string>(name: Name) =>
  z.object({ [name]: z.literal(true) } as Record<Name, z.ZodLiteral<true>>)

const present = ({ createdAtMs, updatedAtMs, ...account }: ShownAccount) => ({
  ...account,
  createdAt: new Date(createdAtMs).toISOString(),
  version: updatedAtMs,
})

/** Who guesses is counted by where they call from, too. */
const from = ({ services, address }: Pick<Context, 'services' | 'address'>) => ({
  ...services,
  address,
})

const totp = router({
  begin: procedure.signedIn
    .input(z.strictObject({ password }))
    .output(z.object({ uri: z.string(), backupCodes: z.array(z.string()) }))
    .mutation(async ({ ctx, input }) => {
      const { uri, backupCodes } = await beginSecondFactor(from(ctx), ctx.caller, input)
      return { uri, backupCodes: [...backupCodes] }
    }),

  confirm: procedure.signedIn
    .input(z.strictObject({ code }))
    .output(yes('enabled'))
    .mutation(({ ctx, input }) => confirmSecondFactor(from(ctx), ctx.caller, input)),

  disable: procedure.signedIn
    .input(z.strictObject({ password }))
    .output(yes('disabled'))
    .mutation(({ ctx, input }) => endSecondFactor(from(ctx), ctx.caller, input)),
})

const sessions = router({
  list: procedure.signedIn
    .input(z.strictObject({}))
    .output(z.object({ items: z.array(own.session) }))
    .query(async ({ ctx: { services, caller } }) => {
      const items = (await listSessions(services, caller)).map((each) => ({
        ...each,
        signedInAt: each.signedInAt.toISOString(),
        usedAt: each.usedAt.toISOString(),
        expiresAt: each.expiresAt.toISOString(),
      }))
      return { items }
    }),

  end: procedure.signedIn
    .input(z.strictObject({ session: own.sessionId }))
    .output(yes('ended'))
    .mutation(({ ctx: { services, caller }, input }) => endSession(services, caller, input)),
})

const address = router({
  request: procedure.signedIn
    .input(z.strictObject({ newEmail: email, password }))
    .output(yes('sent'))
    .mutation(({ ctx, input }) => requestEmailChange(from(ctx), ctx.caller, input)),

  confirm: procedure.signedIn
    .input(z.strictObject({ newEmail: email, code }))
    .output(yes('changed'))
    .mutation(({ ctx, input }) => confirmEmailChange(from(ctx), ctx.caller, input)),
})

export const accounts = router({
  signUp: procedure.public
    .input(
      z.strictObject({
        email,
        password,
        name: own.name,
        locale: own.locale.default('en'),
        homeRegion: own.region.optional(),
      }),
    )
    .output(yes('sent'))
    .mutation(({ ctx: { services }, input }) => signUp(services, input)),

  sendCode: procedure.public
    .input(z.strictObject({ email, purpose: z.enum(['verify-email', 'reset-password']) }))
    .output(yes('sent'))
    .mutation(({ ctx: { services }, input }) => sendCode(services, input)),

  verifyEmail: procedure.public
    .input(z.strictObject({ email, code, password }))
    .output(yes('verified'))
    .mutation(({ ctx, input }) => verifyEmail(from(ctx), input)),

  resetPassword: procedure.public
    .input(z.strictObject({ email, code, password }))
    .output(yes('reset'))
    .mutation(({ ctx, input }) => resetPassword(from(ctx), input)),

  signIn: procedure.public
    .input(z.strictObject({ email, password, key }))
    .output(own.signInAnswer)
    .mutation(({ ctx, input }) => signIn(from(ctx), input)),

  signInSecondFactor: procedure.public
    .input(z.strictObject({ challenge: own.challenge, code, key }))
    .output(own.tokens)
    .mutation(({ ctx, input }) => signInSecondFactor(from(ctx), input)),

  refresh: procedure.public
    .input(z.strictObject({ refreshToken: own.refreshToken, key }))
    .output(own.tokens)
    .mutation(({ ctx: { services }, input }) => refresh(services, input)),

  signOut: procedure.public
    .input(z.strictObject({ refreshToken: own.refreshToken }))
    .output(yes('ended'))
    .mutation(({ ctx: { services }, input }) => signOut(services, input)),

  signOutEverywhere: procedure.signedIn
    .input(z.strictObject({}))
    .output(yes('ended'))
    .mutation(({ ctx: { services, caller } }) => signOutEverywhere(services, caller)),

  get: procedure.signedIn
    .input(z.strictObject({}))
    .output(own.account)
    .query(async ({ ctx: { services, caller } }) => present(await getAccount(services, caller))),

  update: procedure.signedIn
    .input(
      z.strictObject({
        version: z.int().min(0).max(limits.instantMsMax),
        name: own.name.optional(),
        locale: own.locale.optional(),
      }),
    )
    .output(own.account)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      present(await updateAccount(services, caller, input)),
    ),

  changePassword: procedure.signedIn
    .input(z.strictObject({ currentPassword: password, newPassword: password }))
    .output(yes('changed'))
    .mutation(({ ctx, input }) => changePassword(from(ctx), ctx.caller, input)),

  email: address,
  sessions,
  totp,
})
