/**
 * With PARLEY_PARENT_WATCH=1 and an IPC channel to the process that started us, tells when that process is gone,
 * however it died: the kernel closes the channel even after kill -9. So no child outlives its parent.
 */
export function connectedParent(env: NodeJS.ProcessEnv): { onGone(listener: () => void): void } | undefined {
  if (env['PARLEY_PARENT_WATCH'] !== '1' || process.send === undefined) return undefined
  return {
    onGone(listener) {
      process.once('disconnect', listener)
      if (!process.connected) listener()
    },
  }
}
