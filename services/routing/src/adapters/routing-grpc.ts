import type { DeciderHost } from '@parley/eventlog'
import { RoutingServiceService } from '@parley/proto/routing'
import { type GrpcService, grpcService } from '@parley/service'

export function routingGrpc(hosts: readonly Pick<DeciderHost, 'partitions'>[]): GrpcService {
  return grpcService(RoutingServiceService, {
    listPartitions: async () => ({ partitions: hosts.flatMap((host) => host.partitions()) }),
  })
}
