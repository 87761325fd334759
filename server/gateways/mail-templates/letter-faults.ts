/**
 * What must be true of a letter's values when it is written, whatever its type promised: a value
 * that is missing or empty would otherwise stand in a stranger's inbox as "undefined".
 */
import { z } from 'zod'
import { roles } from '../../domain/access.ts'
import type { Letter, LetterValues, TemplateName } from '../../domain/mail.ts'
import { isReadable } from '../../domain/readable.ts'

/** Printable, without spaces: nothing that could be mistaken when it is copied. */
const code = z.string().regex(/^[!-~]{4,300}$/)
/** By the rule of the API: whoever's name was taken there can be written to. */
const visible = z.string().refine(isReadable)
const count = z.int().min(1)
const none = z.strictObject({})
const byCode = z.strictObject({ code, minutes: count })
/** The largest moment that a date can hold. */
const momentMax = 8.64e15

const shapes: { readonly [Name in TemplateName]: z.ZodType<LetterValues[Name]> } = {
  'verify-email': byCode,
  'reset-password': byCode,
  'change-email': byCode,
  'email-changed': none,
  'already-registered': none,
  'password-changed': none,
  'new-sign-in': z.strictObject({ at: z.number().min(0).max(momentMax) }),
  invitation: z.strictObject({
    organisation: visible,
    inviter: visible.nullable(),
    role: z.enum(roles),
    code,
    days: count,
  }),
}

/** Names of what is missing, wrong or unknown; never a value. */
export function letterFaults({ template, values }: Letter): readonly string[] {
  const { error } = shapes[template].safeParse(values)
  return error?.issues.map(({ path, code: fault }) => path.join('.') || fault) ?? []
}
