/** What every entry of the audit log says of the call that it is about. */
import type { Caller } from '../domain/access.ts'
import type { AuditActor, AuditFacts } from '../domain/audit-entry.ts'
import { auditable, subjectsOf } from '../domain/audit-state.ts'
import type { OrganisationId } from '../platform/ids.ts'
import type { Context } from './context.ts'

type Called = Context & { readonly caller: Caller }

export function callFacts(
  { caller, address, requestId, actingReason }: Called,
  action: string,
): Pick<AuditFacts, 'action' | 'actor' | 'address' | 'requestId' | 'reason'> {
  return { action, actor: actorOf(caller), address, requestId, reason: actingReason }
}

function actorOf(caller: Caller): AuditActor {
  return caller.kind === 'region'
    ? { kind: 'region', id: caller.region }
    : { kind: caller.kind, id: caller.id }
}

export type Look = {
  readonly action: string
  readonly organisation: OrganisationId
  readonly input: unknown
}

/**
 * One who runs the platform has looked at what is an organisation's. Written before the answer
 * leaves, so that nobody looks without a trace.
 */
export async function keepLook(ctx: Called, { action, organisation, input }: Look): Promise<void> {
  await ctx.services.audit.append({
    ...callFacts(ctx, action),
    chain: organisation,
    phase: 'ended',
    begunSeq: null,
    subjects: subjectsOf(input),
    input: auditable(input),
    before: null,
    after: null,
    outcome: 'done',
  })
}
