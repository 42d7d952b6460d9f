export { type Fetch, fetchBy } from './fetch.ts'
export { STRAIGHT, type WayOut, wayOutIn, wayOutOf, wayOutSettings } from './way-out.ts'
