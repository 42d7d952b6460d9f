import { connect } from 'node:net'

// Metadata v5 for no topics: https://kafka.apache.org/protocol#The_Messages_Metadata
const metadataRequest = (): Buffer => {
  const clientId = Buffer.from('parley-stack')
  const body = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length + 4 + 1)
  let at = body.writeInt32BE(body.length - 4, 0)
  at = body.writeInt16BE(3, at)
  at = body.writeInt16BE(5, at)
  at = body.writeInt32BE(1, at)
  at = body.writeInt16BE(clientId.length, at)
  at += clientId.copy(body, at)
  at = body.writeInt32BE(0, at)
  body.writeInt8(0, at)
  return body
}

/** Skips size, correlation id and throttle time; a broker is listed once the controller let it in. */
const knowsABrokerAndAController = (response: Buffer): boolean => {
  let at = 12
  const skipString = () => {
    const length = response.readInt16BE(at)
    at += 2 + Math.max(length, 0)
  }
  const brokers = response.readInt32BE(at)
  at += 4
  for (let i = 0; i < brokers; i++) {
    at += 4
    skipString()
    at += 4
    skipString()
  }
  skipString()
  return brokers > 0 && response.readInt32BE(at) >= 0
}

/** True when the plain-text broker there answers and has a controller. */
export const kafkaAnswers = (host: string, port: number, timeoutMs = 2_000): Promise<boolean> =>
  new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const socket = connect({ host, port, timeout: timeoutMs })
    const conclude = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => socket.write(metadataRequest()))
    socket.once('timeout', () => conclude(false))
    socket.once('error', () => conclude(false))
    socket.once('close', () => conclude(false))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      try {
        conclude(knowsABrokerAndAController(received))
      } catch {
        conclude(false)
      }
    })
  })
