/** The shapes the control plane speaks, by the names the console uses. All come from its OpenAPI document. */

import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Session = Schemas["SignedIn"];
export type App = Schemas["App"];
export type AppStatus = Schemas["AppStatus"];
export type AppEnvelope = Schemas["AppEnvelope"];
export type AppList = Schemas["AppPage"];
export type AppRequest = Schemas["AppRequest"];
export type AppKeys = Schemas["AppKeyList"];
export type KeyKind = Schemas["KeyKind"];
export type MasterKey = Schemas["MasterKey"];
export type RotatedKey = Schemas["RotatedKey"];
export type Region = Schemas["RegionInfo"];
export type RegionList = Schemas["RegionList"];
export type Usage = Schemas["AppUsage"];
export type SessionEntry = Schemas["Session"];
export type SessionList = Schemas["SessionList"];
export type Token = Schemas["ApiToken"];
export type TokenList = Schemas["TokenList"];
export type TokenRequest = Schemas["TokenRequest"];
export type NewToken = Schemas["NewToken"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditPage = Schemas["AuditPage"];
export type ErrorBody = Schemas["ErrorBody"];
export type LogInRequest = Schemas["LogInRequest"];
export type SignUpRequest = Schemas["SignUpRequest"];
export type RevealRequest = Schemas["RevealRequest"];
export type RotateRequest = Schemas["RotateRequest"];
export type AppPatch = Schemas["AppPatch"];
export type AppEngine = Schemas["AppEngine"];
export type EngineChoice = Schemas["EngineChoice"];
export type EngineOffer = Schemas["EngineOffer"];
export type Settings = Schemas["Settings"];
export type SettingsSection = Schemas["SettingsSection"];
export type SettingsOption = Schemas["SettingsOption"];
export type SettingsField = Schemas["SettingsField"];
export type SettingKind = Schemas["SettingKind"];
