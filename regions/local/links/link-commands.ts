/** What may be asked of the links: to list them, to set a fault, to heal, to point elsewhere. */
import type { z } from 'zod'
import { type Command, ControlError } from '../control-http.ts'
import { linkFault, linkTarget } from './link-plan.ts'
import type { LinkSet } from './link-set.ts'

/**
 * `GET /links`, `GET /links/<from>/<to>`, `PUT` there a fault, `DELETE` to heal, `PUT
 * /targets/<from>/<to>`. A star stands for every end.
 * @throws ControlError
 */
export function linkCommands(set: LinkSet): (command: Command) => unknown {
  return ({ method, parts, body }) => {
    const [thing = '', from = '*', to = '*', ...more] = parts
    const pattern = `${from}/${to}`
    if (more.length > 0) throw unknown(method, parts)
    if (set.list(pattern).length === 0) throw new ControlError(404, `No link is ${pattern}.`)
    switch (`${method} ${thing}`) {
      case 'GET links':
        return { isHealed: set.isHealed, links: set.list(pattern) }
      case 'PUT links':
        return { links: set.setFault(pattern, read(linkFault, body)) }
      case 'DELETE links':
        return { links: set.setFault(pattern, null) }
      case 'PUT targets':
        return { links: set.retarget(pattern, read(linkTarget, body)) }
      default:
        throw unknown(method, parts)
    }
  }
}

function unknown(method: string, parts: readonly string[]): ControlError {
  return new ControlError(404, `There is no command ${method} /${parts.join('/')}.`)
}

function read<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const parsed = shape.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ControlError(400, `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}`)
}
