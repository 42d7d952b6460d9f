import type { ProjectionTrouble } from '../projections/live.ts'

/** For readers of whose trouble a test asks nothing. */
export const UNTOLD: ProjectionTrouble = {
  onParked() {},
  onStuck() {},
  onFault() {},
  onSwitched() {},
  onRouteUnreadable() {},
}
