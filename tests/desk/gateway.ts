import { GatewayServiceService } from '@parley/proto/gateway'
import { type Resource, grpcError, grpcIdentity, grpcService, startGrpcServer, status } from '@parley/service'
import { callerEnv } from '@parley/testkit'

const notHere = () => Promise.reject(grpcError(status.UNIMPLEMENTED, 'NOT_HERE', 'Nobody asks for it here.'))

/** As much of a gateway as a desk asks for by gRPC: one approved template, and what customers were shown. */
export async function gatewayOfDesks(): Promise<
  {
    readonly address: string
    readonly shown: readonly string[]
    /** Who was blocked and unblocked, and by whom. */
    readonly blocked: readonly string[]
  } & Resource
> {
  const shown: string[] = []
  const blocked: string[] = []
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    permits: (person) => person === 'p01',
    identity: await grpcIdentity('gateway', { ...callerEnv('gateway') }),
    services: [
      grpcService(GatewayServiceService, {
        listChannelAccounts: notHere,
        blockContact: async ({ contactId, reason }) => {
          if (reason === 'too late')
            throw grpcError(status.FAILED_PRECONDITION, 'PROVIDER_REFUSED', 'The provider refuses.')
          blocked.push(`block ${contactId} ${reason}`)
          return {}
        },
        unblockContact: async ({ contactId }) => {
          blocked.push(`unblock ${contactId}`)
          return {}
        },
        putUploadPiece: notHere,
        finishUpload: notHere,
        readFile: notHere,
        showTyping: async ({ providerMessageId }) => {
          shown.push(providerMessageId)
          return {}
        },
        listTemplates: async () => ({
          templates: [
            {
              name: 'call_back',
              language: 'pt_BR',
              category: 'UTILITY',
              text: 'Olá {{1}}, temos uma resposta sobre {{2}}.',
              parameterCount: 2,
            },
          ],
        }),
      }),
    ],
  })
  return { ...server, address: `127.0.0.1:${server.port}`, shown, blocked }
}
