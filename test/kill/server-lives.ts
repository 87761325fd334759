/** The server that is killed and comes back, always with the same settings. */
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'

type Settings = Readonly<Record<string, string>>

export class ServerLives {
  readonly #settings: Settings
  #server: ServerProcess
  #running = Promise.resolve()
  #markRunning: () => void = () => undefined

  private constructor(settings: Settings, first: ServerProcess) {
    this.#settings = settings
    this.#server = first
  }

  static async begin(settings: Settings): Promise<ServerLives> {
    return new ServerLives(settings, await startServerProcess(settings))
  }

  /** The server of the moment, which may have ended. */
  get server(): ServerProcess {
    return this.#server
  }

  /** Kill -9. Who waits in `up` goes on after the next `start`. */
  async kill(): Promise<void> {
    this.#running = new Promise((resolve) => {
      this.#markRunning = resolve
    })
    await this.#server.kill()
  }

  async start(): Promise<void> {
    this.#server = await startServerProcess(this.#settings)
    this.#markRunning()
  }

  /** Resolves at once while the server runs. @throws Error when it has ended by itself */
  async up(): Promise<void> {
    await this.#running
    if (!this.#server.hasEnded()) return
    throw new Error(`The server has ended by itself. Its last words: ${this.#server.output()}`)
  }
}
