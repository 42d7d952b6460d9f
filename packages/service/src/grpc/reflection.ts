import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { fileDescriptorSet } from '@parley/proto/descriptors'
import { service as healthDefinition } from 'grpc-health-check'

/** Server reflection (v1 and v1alpha) of the services named, for grpcurl and its like. */
export function addReflection(server: Server, serviceNames: readonly string[]): void {
  const health: Buffer[] = Object.values(healthDefinition).flatMap(
    ({ requestType }) => requestType.fileDescriptorProtos,
  )
  const described = { fileDescriptorProtos: [...filesOf(fileDescriptorSet), ...health] }
  new ReflectionService({ files: described } as never, {
    services: [...serviceNames],
  }).addToServer(server)
}

/** The FileDescriptorProtos of a FileDescriptorSet (field 1, repeated), as bytes: reflection wants them one by one. */
function filesOf(descriptorSet: Uint8Array): Buffer[] {
  const reader = new BinaryReader(descriptorSet)
  const files: Buffer[] = []
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === 1 && wireType === WireType.LengthDelimited) files.push(Buffer.from(reader.bytes()))
    else reader.skip(wireType, field)
  }
  return files
}
