/** What mends.ts, wire.ts, codecs.ts and failure.ts use of kafkajs 2.2.4 beside what it offers. Imported like any module, so that whoever puts code together has one kafkajs. */
declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    chunks: Buffer[]
    bytesBuffered: number
    bytesNeeded: number
    isConnected(): boolean
    connect(): Promise<unknown>
  }
}
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: unknown[]
    inflight: Map<number, { requestTimeout: number; timeoutRequest(): void }>
    isConnected(): boolean
    destroy(): void
    scheduleCheckPendingRequests(): void
    scheduleRequestTimeoutCheck(): void
  }
}
declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    writeInt16(value: number): Encoder
    writeInt32(value: number): Encoder
    writeString(value: string | null): Encoder
    writeBytes(value: Buffer): Encoder
  }
}
declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error & { readonly type: string } }
  export default errors
}
declare module 'kafkajs/src/protocol/requests/index.js' {
  const protocol: {
    readonly requests: Record<
      'Produce' | 'Fetch' | 'OffsetCommit' | 'JoinGroup' | 'Heartbeat' | 'LeaveGroup' | 'SyncGroup',
      unknown
    >
  }
  export default protocol
}
