const PROBE_TIMEOUT_MS = 2_000

export const httpAnswersOk = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
  await response.body?.cancel()
  return response.ok
}
