export {
  type BuildOptions,
  type BuildProgress,
  type Built,
  VersionNotFit,
  buildNext,
  cancelBuilding,
  compareBuilt,
  rollBack,
  switchForward,
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
export * from './newest-first.ts'
export * from './page-place.ts'
export {
  type Comparison,
  NoSuchVersion,
  RebuildCancelled,
  RebuildUnderWay,
  type Route,
  Routes,
} from './route.ts'
