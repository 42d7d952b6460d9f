export {
  type BuildOptions,
  type BuildProgress,
  type Built,
  NoSuchVersion,
  VersionNotFit,
  buildNext,
  compareBuilt,
  rollBack,
  switchToBuilt,
} from './building.ts'
export {
  type AnyProjection,
  type Projection,
  type ProjectionPlace,
  type ReadModel,
  defineProjection,
} from './definition.ts'
export { LiveProjection, type LiveProjectionOptions, type ProjectionTrouble } from './live.ts'
export { type Comparison, type Route, Routes } from './route.ts'
