import { ResponderServiceService } from '@parley/proto/bot'
import { type GrpcService, grpcError, grpcService, status } from '@parley/service'
import { type RespondPorts, respond } from '../turn/respond.ts'

const WORDS = {
  FLOW_VERSION_GONE: 'The conversation began with a version of a flow that was never loaded here.',
  FLOW_STEP_GONE: 'The flow that an agent gave the conversation back to, or its step, is not there.',
  FLOW_LOOP: 'The flow takes too many steps without asking anything.',
} as const

/** The bot's own robot behind the contract that any other robot can be plugged in by. */
export function responderService(ports: RespondPorts): GrpcService {
  return grpcService(ResponderServiceService, {
    async respond(request, _metadata, { signal }) {
      if (request.turnId === '' || Number.isNaN(Date.parse(request.at ?? '')))
        throw grpcError(status.INVALID_ARGUMENT, 'TURN_INVALID', 'A turn needs turn_id and at.')
      const responded = await respond(ports, request, signal)
      if ('failed' in responded)
        throw grpcError(status.FAILED_PRECONDITION, responded.failed, WORDS[responded.failed])
      return responded.response
    },
  })
}
