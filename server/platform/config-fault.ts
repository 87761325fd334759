/** What is wrong with the settings, all of it at once, so that a start fails once and not five times. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
