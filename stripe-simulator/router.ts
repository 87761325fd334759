/**
 * Finds the endpoint of a request. Paths have at most one variable part, in third place
 * (`/v1/things/:id/verb`), so one lookup in a Map is enough. A literal path wins.
 */
import type { Endpoint } from './endpoint.ts'

export interface Route {
  readonly endpoint: Endpoint
  readonly id: string
}

export class Router {
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) {
      this.#endpoints.set(`${endpoint.method} ${endpoint.path}`, endpoint)
    }
  }

  find(method: string, path: string): Route | undefined {
    const literal = this.#endpoints.get(`${method} ${path}`)
    if (literal) return { endpoint: literal, id: '' }
    const [, version, things, id, ...verb] = path.split('/')
    if (!id) return undefined
    const shape = ['', version, things, ':id', ...verb].join('/')
    const endpoint = this.#endpoints.get(`${method} ${shape}`)
    return endpoint && { endpoint, id: decodeId(id) }
  }
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
