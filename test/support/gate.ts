/** For a test that must come in between: somebody waits for it, and somebody opens it. */
export function gate() {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
