import KafkajsConnection from 'kafkajs/src/network/connection.js'
import KafkajsRequestQueue from 'kafkajs/src/network/requestQueue/index.js'

/**
 * kafkajs 2.2.4 is the last of its line, so faults of its network layer are mended here, at the pinned version.
 * `mendKafkajs` throws when what it mends is not there any more: whoever raises the version looks here first.
 */
const TIMEOUT_CHECK_MS = 1_000

let mended = false

export function mendKafkajs(): void {
  if (mended) return
  mended = true
  const connection = KafkajsConnection.prototype
  const queue = KafkajsRequestQueue.prototype
  if (
    typeof connection.connect !== 'function' ||
    typeof queue.scheduleCheckPendingRequests !== 'function' ||
    typeof queue.scheduleRequestTimeoutCheck !== 'function' ||
    typeof queue.destroy !== 'function'
  )
    throw new Error('kafkajs is not the version that kafka/mends.ts was written for (2.2.4).')

  // A connection that was cut in the middle of an answer keeps the half answer, and reads the next connection's bytes as its rest:
  // every later answer is garbage. A new connection begins with nothing.
  const connect = connection.connect
  connection.connect = function connectAfresh(this: KafkajsConnection) {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = 4
    }
    return connect.call(this)
  }

  // After each answer it sets a timer with a negative delay even when nothing waits: Node warns of it on stderr, and it costs a wake-up.
  const schedule = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = function scheduleWhenAnyWaits(this: KafkajsRequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }

  // It looks for requests without an answer ten times a second on each connection, an idle one too: a service has thirty of them. And it
  // goes by the time of day, which may jump: ahead, and each request is given up; back, and none is. So here one timer looks at all of them,
  // and requests are counted from when they are first seen.
  queue.scheduleRequestTimeoutCheck = function lookedAtWithOthers(this: KafkajsRequestQueue) {
    lookedAt.add(this)
    looking ??= setInterval(lookForUnanswered, TIMEOUT_CHECK_MS)
  }
  const destroy = queue.destroy
  queue.destroy = function lookedAtNoLonger(this: KafkajsRequestQueue) {
    lookedAt.delete(this)
    if (lookedAt.size === 0) {
      clearInterval(looking)
      looking = undefined
    }
    destroy.call(this)
  }
}

const lookedAt = new Set<KafkajsRequestQueue>()
const seenAt = new WeakMap<object, number>()
let looking: NodeJS.Timeout | undefined

function lookForUnanswered(): void {
  const now = performance.now()
  for (const queue of lookedAt) {
    for (const request of queue.inflight.values()) {
      const since = seenAt.get(request) ?? now
      seenAt.set(request, since)
      if (now - since > request.requestTimeout) request.timeoutRequest()
    }
    if (!queue.isConnected()) queue.destroy()
  }
}
