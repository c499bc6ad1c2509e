import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AddOperatorRequest as _drover_v1_AddOperatorRequest, AddOperatorRequest__Output as _drover_v1_AddOperatorRequest__Output } from './drover/v1/AddOperatorRequest.ts';
import type { AddOperatorResponse as _drover_v1_AddOperatorResponse, AddOperatorResponse__Output as _drover_v1_AddOperatorResponse__Output } from './drover/v1/AddOperatorResponse.ts';
import type { AssignRequest as _drover_v1_AssignRequest, AssignRequest__Output as _drover_v1_AssignRequest__Output } from './drover/v1/AssignRequest.ts';
import type { AssignResponse as _drover_v1_AssignResponse, AssignResponse__Output as _drover_v1_AssignResponse__Output } from './drover/v1/AssignResponse.ts';
import type { AuditRow as _drover_v1_AuditRow, AuditRow__Output as _drover_v1_AuditRow__Output } from './drover/v1/AuditRow.ts';
import type { BackupRequest as _drover_v1_BackupRequest, BackupRequest__Output as _drover_v1_BackupRequest__Output } from './drover/v1/BackupRequest.ts';
import type { BackupResponse as _drover_v1_BackupResponse, BackupResponse__Output as _drover_v1_BackupResponse__Output } from './drover/v1/BackupResponse.ts';
import type { BlameRequest as _drover_v1_BlameRequest, BlameRequest__Output as _drover_v1_BlameRequest__Output } from './drover/v1/BlameRequest.ts';
import type { BlameResponse as _drover_v1_BlameResponse, BlameResponse__Output as _drover_v1_BlameResponse__Output } from './drover/v1/BlameResponse.ts';
import type { BlamedRead as _drover_v1_BlamedRead, BlamedRead__Output as _drover_v1_BlamedRead__Output } from './drover/v1/BlamedRead.ts';
import type { BlamedResource as _drover_v1_BlamedResource, BlamedResource__Output as _drover_v1_BlamedResource__Output } from './drover/v1/BlamedResource.ts';
import type { BlamedSource as _drover_v1_BlamedSource, BlamedSource__Output as _drover_v1_BlamedSource__Output } from './drover/v1/BlamedSource.ts';
import type { BringBackRequest as _drover_v1_BringBackRequest, BringBackRequest__Output as _drover_v1_BringBackRequest__Output } from './drover/v1/BringBackRequest.ts';
import type { BringBackResponse as _drover_v1_BringBackResponse, BringBackResponse__Output as _drover_v1_BringBackResponse__Output } from './drover/v1/BringBackResponse.ts';
import type { ChangeRow as _drover_v1_ChangeRow, ChangeRow__Output as _drover_v1_ChangeRow__Output } from './drover/v1/ChangeRow.ts';
import type { CompareCatalogsRequest as _drover_v1_CompareCatalogsRequest, CompareCatalogsRequest__Output as _drover_v1_CompareCatalogsRequest__Output } from './drover/v1/CompareCatalogsRequest.ts';
import type { CompareCatalogsResponse as _drover_v1_CompareCatalogsResponse, CompareCatalogsResponse__Output as _drover_v1_CompareCatalogsResponse__Output } from './drover/v1/CompareCatalogsResponse.ts';
import type { ComparedRuns as _drover_v1_ComparedRuns, ComparedRuns__Output as _drover_v1_ComparedRuns__Output } from './drover/v1/ComparedRuns.ts';
import type { ContestedRow as _drover_v1_ContestedRow, ContestedRow__Output as _drover_v1_ContestedRow__Output } from './drover/v1/ContestedRow.ts';
import type { Counts as _drover_v1_Counts, Counts__Output as _drover_v1_Counts__Output } from './drover/v1/Counts.ts';
import type { DiagnoseRequest as _drover_v1_DiagnoseRequest, DiagnoseRequest__Output as _drover_v1_DiagnoseRequest__Output } from './drover/v1/DiagnoseRequest.ts';
import type { DiagnoseResponse as _drover_v1_DiagnoseResponse, DiagnoseResponse__Output as _drover_v1_DiagnoseResponse__Output } from './drover/v1/DiagnoseResponse.ts';
import type { DriftRow as _drover_v1_DriftRow, DriftRow__Output as _drover_v1_DriftRow__Output } from './drover/v1/DriftRow.ts';
import type { Evidence as _drover_v1_Evidence, Evidence__Output as _drover_v1_Evidence__Output } from './drover/v1/Evidence.ts';
import type { Finding as _drover_v1_Finding, Finding__Output as _drover_v1_Finding__Output } from './drover/v1/Finding.ts';
import type { GetCompiledRequest as _drover_v1_GetCompiledRequest, GetCompiledRequest__Output as _drover_v1_GetCompiledRequest__Output } from './drover/v1/GetCompiledRequest.ts';
import type { GetCompiledResponse as _drover_v1_GetCompiledResponse, GetCompiledResponse__Output as _drover_v1_GetCompiledResponse__Output } from './drover/v1/GetCompiledResponse.ts';
import type { GetFactsRequest as _drover_v1_GetFactsRequest, GetFactsRequest__Output as _drover_v1_GetFactsRequest__Output } from './drover/v1/GetFactsRequest.ts';
import type { GetFactsResponse as _drover_v1_GetFactsResponse, GetFactsResponse__Output as _drover_v1_GetFactsResponse__Output } from './drover/v1/GetFactsResponse.ts';
import type { GetHostRequest as _drover_v1_GetHostRequest, GetHostRequest__Output as _drover_v1_GetHostRequest__Output } from './drover/v1/GetHostRequest.ts';
import type { GetHostResponse as _drover_v1_GetHostResponse, GetHostResponse__Output as _drover_v1_GetHostResponse__Output } from './drover/v1/GetHostResponse.ts';
import type { GetPastRequest as _drover_v1_GetPastRequest, GetPastRequest__Output as _drover_v1_GetPastRequest__Output } from './drover/v1/GetPastRequest.ts';
import type { GetPastResponse as _drover_v1_GetPastResponse, GetPastResponse__Output as _drover_v1_GetPastResponse__Output } from './drover/v1/GetPastResponse.ts';
import type { GetRunRequest as _drover_v1_GetRunRequest, GetRunRequest__Output as _drover_v1_GetRunRequest__Output } from './drover/v1/GetRunRequest.ts';
import type { GetRunResponse as _drover_v1_GetRunResponse, GetRunResponse__Output as _drover_v1_GetRunResponse__Output } from './drover/v1/GetRunResponse.ts';
import type { HostAt as _drover_v1_HostAt, HostAt__Output as _drover_v1_HostAt__Output } from './drover/v1/HostAt.ts';
import type { HostProgress as _drover_v1_HostProgress, HostProgress__Output as _drover_v1_HostProgress__Output } from './drover/v1/HostProgress.ts';
import type { HostResult as _drover_v1_HostResult, HostResult__Output as _drover_v1_HostResult__Output } from './drover/v1/HostResult.ts';
import type { HostRow as _drover_v1_HostRow, HostRow__Output as _drover_v1_HostRow__Output } from './drover/v1/HostRow.ts';
import type { InviteRequest as _drover_v1_InviteRequest, InviteRequest__Output as _drover_v1_InviteRequest__Output } from './drover/v1/InviteRequest.ts';
import type { InviteResponse as _drover_v1_InviteResponse, InviteResponse__Output as _drover_v1_InviteResponse__Output } from './drover/v1/InviteResponse.ts';
import type { ListAuditRequest as _drover_v1_ListAuditRequest, ListAuditRequest__Output as _drover_v1_ListAuditRequest__Output } from './drover/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _drover_v1_ListAuditResponse, ListAuditResponse__Output as _drover_v1_ListAuditResponse__Output } from './drover/v1/ListAuditResponse.ts';
import type { ListChangesRequest as _drover_v1_ListChangesRequest, ListChangesRequest__Output as _drover_v1_ListChangesRequest__Output } from './drover/v1/ListChangesRequest.ts';
import type { ListChangesResponse as _drover_v1_ListChangesResponse, ListChangesResponse__Output as _drover_v1_ListChangesResponse__Output } from './drover/v1/ListChangesResponse.ts';
import type { ListDriftRequest as _drover_v1_ListDriftRequest, ListDriftRequest__Output as _drover_v1_ListDriftRequest__Output } from './drover/v1/ListDriftRequest.ts';
import type { ListDriftResponse as _drover_v1_ListDriftResponse, ListDriftResponse__Output as _drover_v1_ListDriftResponse__Output } from './drover/v1/ListDriftResponse.ts';
import type { ListHostsRequest as _drover_v1_ListHostsRequest, ListHostsRequest__Output as _drover_v1_ListHostsRequest__Output } from './drover/v1/ListHostsRequest.ts';
import type { ListHostsResponse as _drover_v1_ListHostsResponse, ListHostsResponse__Output as _drover_v1_ListHostsResponse__Output } from './drover/v1/ListHostsResponse.ts';
import type { ListOperatorsRequest as _drover_v1_ListOperatorsRequest, ListOperatorsRequest__Output as _drover_v1_ListOperatorsRequest__Output } from './drover/v1/ListOperatorsRequest.ts';
import type { ListOperatorsResponse as _drover_v1_ListOperatorsResponse, ListOperatorsResponse__Output as _drover_v1_ListOperatorsResponse__Output } from './drover/v1/ListOperatorsResponse.ts';
import type { ListOwnedRequest as _drover_v1_ListOwnedRequest, ListOwnedRequest__Output as _drover_v1_ListOwnedRequest__Output } from './drover/v1/ListOwnedRequest.ts';
import type { ListOwnedResponse as _drover_v1_ListOwnedResponse, ListOwnedResponse__Output as _drover_v1_ListOwnedResponse__Output } from './drover/v1/ListOwnedResponse.ts';
import type { ListQuarantineRequest as _drover_v1_ListQuarantineRequest, ListQuarantineRequest__Output as _drover_v1_ListQuarantineRequest__Output } from './drover/v1/ListQuarantineRequest.ts';
import type { ListQuarantineResponse as _drover_v1_ListQuarantineResponse, ListQuarantineResponse__Output as _drover_v1_ListQuarantineResponse__Output } from './drover/v1/ListQuarantineResponse.ts';
import type { ListRunsRequest as _drover_v1_ListRunsRequest, ListRunsRequest__Output as _drover_v1_ListRunsRequest__Output } from './drover/v1/ListRunsRequest.ts';
import type { ListRunsResponse as _drover_v1_ListRunsResponse, ListRunsResponse__Output as _drover_v1_ListRunsResponse__Output } from './drover/v1/ListRunsResponse.ts';
import type { OperatorClient as _drover_v1_OperatorClient, OperatorDefinition as _drover_v1_OperatorDefinition } from './drover/v1/Operator.ts';
import type { OperatorRow as _drover_v1_OperatorRow, OperatorRow__Output as _drover_v1_OperatorRow__Output } from './drover/v1/OperatorRow.ts';
import type { PauseOfHost as _drover_v1_PauseOfHost, PauseOfHost__Output as _drover_v1_PauseOfHost__Output } from './drover/v1/PauseOfHost.ts';
import type { PauseRequest as _drover_v1_PauseRequest, PauseRequest__Output as _drover_v1_PauseRequest__Output } from './drover/v1/PauseRequest.ts';
import type { PauseResponse as _drover_v1_PauseResponse, PauseResponse__Output as _drover_v1_PauseResponse__Output } from './drover/v1/PauseResponse.ts';
import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from './drover/v1/Problem.ts';
import type { RehearseRequest as _drover_v1_RehearseRequest, RehearseRequest__Output as _drover_v1_RehearseRequest__Output } from './drover/v1/RehearseRequest.ts';
import type { RehearseResponse as _drover_v1_RehearseResponse, RehearseResponse__Output as _drover_v1_RehearseResponse__Output } from './drover/v1/RehearseResponse.ts';
import type { ReleaseClaimRequest as _drover_v1_ReleaseClaimRequest, ReleaseClaimRequest__Output as _drover_v1_ReleaseClaimRequest__Output } from './drover/v1/ReleaseClaimRequest.ts';
import type { ReleaseClaimResponse as _drover_v1_ReleaseClaimResponse, ReleaseClaimResponse__Output as _drover_v1_ReleaseClaimResponse__Output } from './drover/v1/ReleaseClaimResponse.ts';
import type { RemoveOperatorRequest as _drover_v1_RemoveOperatorRequest, RemoveOperatorRequest__Output as _drover_v1_RemoveOperatorRequest__Output } from './drover/v1/RemoveOperatorRequest.ts';
import type { RemoveOperatorResponse as _drover_v1_RemoveOperatorResponse, RemoveOperatorResponse__Output as _drover_v1_RemoveOperatorResponse__Output } from './drover/v1/RemoveOperatorResponse.ts';
import type { RepairTimes as _drover_v1_RepairTimes, RepairTimes__Output as _drover_v1_RepairTimes__Output } from './drover/v1/RepairTimes.ts';
import type { ReportHead as _drover_v1_ReportHead, ReportHead__Output as _drover_v1_ReportHead__Output } from './drover/v1/ReportHead.ts';
import type { ResourcePair as _drover_v1_ResourcePair, ResourcePair__Output as _drover_v1_ResourcePair__Output } from './drover/v1/ResourcePair.ts';
import type { ResourcePause as _drover_v1_ResourcePause, ResourcePause__Output as _drover_v1_ResourcePause__Output } from './drover/v1/ResourcePause.ts';
import type { ResumeRequest as _drover_v1_ResumeRequest, ResumeRequest__Output as _drover_v1_ResumeRequest__Output } from './drover/v1/ResumeRequest.ts';
import type { ResumeResponse as _drover_v1_ResumeResponse, ResumeResponse__Output as _drover_v1_ResumeResponse__Output } from './drover/v1/ResumeResponse.ts';
import type { RevokeRequest as _drover_v1_RevokeRequest, RevokeRequest__Output as _drover_v1_RevokeRequest__Output } from './drover/v1/RevokeRequest.ts';
import type { RevokeResponse as _drover_v1_RevokeResponse, RevokeResponse__Output as _drover_v1_RevokeResponse__Output } from './drover/v1/RevokeResponse.ts';
import type { RoleOrigin as _drover_v1_RoleOrigin, RoleOrigin__Output as _drover_v1_RoleOrigin__Output } from './drover/v1/RoleOrigin.ts';
import type { RunEnded as _drover_v1_RunEnded, RunEnded__Output as _drover_v1_RunEnded__Output } from './drover/v1/RunEnded.ts';
import type { RunRequest as _drover_v1_RunRequest, RunRequest__Output as _drover_v1_RunRequest__Output } from './drover/v1/RunRequest.ts';
import type { RunResponse as _drover_v1_RunResponse, RunResponse__Output as _drover_v1_RunResponse__Output } from './drover/v1/RunResponse.ts';
import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from './drover/v1/RunRow.ts';
import type { RunStarted as _drover_v1_RunStarted, RunStarted__Output as _drover_v1_RunStarted__Output } from './drover/v1/RunStarted.ts';
import type { Selection as _drover_v1_Selection, Selection__Output as _drover_v1_Selection__Output } from './drover/v1/Selection.ts';
import type { UnassignRequest as _drover_v1_UnassignRequest, UnassignRequest__Output as _drover_v1_UnassignRequest__Output } from './drover/v1/UnassignRequest.ts';
import type { UnassignResponse as _drover_v1_UnassignResponse, UnassignResponse__Output as _drover_v1_UnassignResponse__Output } from './drover/v1/UnassignResponse.ts';
import type { UndoRequest as _drover_v1_UndoRequest, UndoRequest__Output as _drover_v1_UndoRequest__Output } from './drover/v1/UndoRequest.ts';
import type { WatchedType as _drover_v1_WatchedType, WatchedType__Output as _drover_v1_WatchedType__Output } from './drover/v1/WatchedType.ts';
import type { Watching as _drover_v1_Watching, Watching__Output as _drover_v1_Watching__Output } from './drover/v1/Watching.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  drover: {
    v1: {
      AddOperatorRequest: MessageTypeDefinition<_drover_v1_AddOperatorRequest, _drover_v1_AddOperatorRequest__Output>
      AddOperatorResponse: MessageTypeDefinition<_drover_v1_AddOperatorResponse, _drover_v1_AddOperatorResponse__Output>
      AssignRequest: MessageTypeDefinition<_drover_v1_AssignRequest, _drover_v1_AssignRequest__Output>
      AssignResponse: MessageTypeDefinition<_drover_v1_AssignResponse, _drover_v1_AssignResponse__Output>
      AuditRow: MessageTypeDefinition<_drover_v1_AuditRow, _drover_v1_AuditRow__Output>
      BackupRequest: MessageTypeDefinition<_drover_v1_BackupRequest, _drover_v1_BackupRequest__Output>
      BackupResponse: MessageTypeDefinition<_drover_v1_BackupResponse, _drover_v1_BackupResponse__Output>
      BlameRequest: MessageTypeDefinition<_drover_v1_BlameRequest, _drover_v1_BlameRequest__Output>
      BlameResponse: MessageTypeDefinition<_drover_v1_BlameResponse, _drover_v1_BlameResponse__Output>
      BlamedRead: MessageTypeDefinition<_drover_v1_BlamedRead, _drover_v1_BlamedRead__Output>
      BlamedResource: MessageTypeDefinition<_drover_v1_BlamedResource, _drover_v1_BlamedResource__Output>
      BlamedSource: MessageTypeDefinition<_drover_v1_BlamedSource, _drover_v1_BlamedSource__Output>
      BringBackRequest: MessageTypeDefinition<_drover_v1_BringBackRequest, _drover_v1_BringBackRequest__Output>
      BringBackResponse: MessageTypeDefinition<_drover_v1_BringBackResponse, _drover_v1_BringBackResponse__Output>
      ChangeRow: MessageTypeDefinition<_drover_v1_ChangeRow, _drover_v1_ChangeRow__Output>
      CompareCatalogsRequest: MessageTypeDefinition<_drover_v1_CompareCatalogsRequest, _drover_v1_CompareCatalogsRequest__Output>
      CompareCatalogsResponse: MessageTypeDefinition<_drover_v1_CompareCatalogsResponse, _drover_v1_CompareCatalogsResponse__Output>
      ComparedRuns: MessageTypeDefinition<_drover_v1_ComparedRuns, _drover_v1_ComparedRuns__Output>
      ContestedRow: MessageTypeDefinition<_drover_v1_ContestedRow, _drover_v1_ContestedRow__Output>
      Counts: MessageTypeDefinition<_drover_v1_Counts, _drover_v1_Counts__Output>
      DiagnoseRequest: MessageTypeDefinition<_drover_v1_DiagnoseRequest, _drover_v1_DiagnoseRequest__Output>
      DiagnoseResponse: MessageTypeDefinition<_drover_v1_DiagnoseResponse, _drover_v1_DiagnoseResponse__Output>
      DriftRow: MessageTypeDefinition<_drover_v1_DriftRow, _drover_v1_DriftRow__Output>
      Evidence: MessageTypeDefinition<_drover_v1_Evidence, _drover_v1_Evidence__Output>
      Finding: MessageTypeDefinition<_drover_v1_Finding, _drover_v1_Finding__Output>
      GetCompiledRequest: MessageTypeDefinition<_drover_v1_GetCompiledRequest, _drover_v1_GetCompiledRequest__Output>
      GetCompiledResponse: MessageTypeDefinition<_drover_v1_GetCompiledResponse, _drover_v1_GetCompiledResponse__Output>
      GetFactsRequest: MessageTypeDefinition<_drover_v1_GetFactsRequest, _drover_v1_GetFactsRequest__Output>
      GetFactsResponse: MessageTypeDefinition<_drover_v1_GetFactsResponse, _drover_v1_GetFactsResponse__Output>
      GetHostRequest: MessageTypeDefinition<_drover_v1_GetHostRequest, _drover_v1_GetHostRequest__Output>
      GetHostResponse: MessageTypeDefinition<_drover_v1_GetHostResponse, _drover_v1_GetHostResponse__Output>
      GetPastRequest: MessageTypeDefinition<_drover_v1_GetPastRequest, _drover_v1_GetPastRequest__Output>
      GetPastResponse: MessageTypeDefinition<_drover_v1_GetPastResponse, _drover_v1_GetPastResponse__Output>
      GetRunRequest: MessageTypeDefinition<_drover_v1_GetRunRequest, _drover_v1_GetRunRequest__Output>
      GetRunResponse: MessageTypeDefinition<_drover_v1_GetRunResponse, _drover_v1_GetRunResponse__Output>
      HostAt: MessageTypeDefinition<_drover_v1_HostAt, _drover_v1_HostAt__Output>
      HostProgress: MessageTypeDefinition<_drover_v1_HostProgress, _drover_v1_HostProgress__Output>
      HostResult: MessageTypeDefinition<_drover_v1_HostResult, _drover_v1_HostResult__Output>
      HostRow: MessageTypeDefinition<_drover_v1_HostRow, _drover_v1_HostRow__Output>
      HostStatus: EnumTypeDefinition
      InviteRequest: MessageTypeDefinition<_drover_v1_InviteRequest, _drover_v1_InviteRequest__Output>
      InviteResponse: MessageTypeDefinition<_drover_v1_InviteResponse, _drover_v1_InviteResponse__Output>
      ListAuditRequest: MessageTypeDefinition<_drover_v1_ListAuditRequest, _drover_v1_ListAuditRequest__Output>
      ListAuditResponse: MessageTypeDefinition<_drover_v1_ListAuditResponse, _drover_v1_ListAuditResponse__Output>
      ListChangesRequest: MessageTypeDefinition<_drover_v1_ListChangesRequest, _drover_v1_ListChangesRequest__Output>
      ListChangesResponse: MessageTypeDefinition<_drover_v1_ListChangesResponse, _drover_v1_ListChangesResponse__Output>
      ListDriftRequest: MessageTypeDefinition<_drover_v1_ListDriftRequest, _drover_v1_ListDriftRequest__Output>
      ListDriftResponse: MessageTypeDefinition<_drover_v1_ListDriftResponse, _drover_v1_ListDriftResponse__Output>
      ListHostsRequest: MessageTypeDefinition<_drover_v1_ListHostsRequest, _drover_v1_ListHostsRequest__Output>
      ListHostsResponse: MessageTypeDefinition<_drover_v1_ListHostsResponse, _drover_v1_ListHostsResponse__Output>
      ListOperatorsRequest: MessageTypeDefinition<_drover_v1_ListOperatorsRequest, _drover_v1_ListOperatorsRequest__Output>
      ListOperatorsResponse: MessageTypeDefinition<_drover_v1_ListOperatorsResponse, _drover_v1_ListOperatorsResponse__Output>
      ListOwnedRequest: MessageTypeDefinition<_drover_v1_ListOwnedRequest, _drover_v1_ListOwnedRequest__Output>
      ListOwnedResponse: MessageTypeDefinition<_drover_v1_ListOwnedResponse, _drover_v1_ListOwnedResponse__Output>
      ListQuarantineRequest: MessageTypeDefinition<_drover_v1_ListQuarantineRequest, _drover_v1_ListQuarantineRequest__Output>
      ListQuarantineResponse: MessageTypeDefinition<_drover_v1_ListQuarantineResponse, _drover_v1_ListQuarantineResponse__Output>
      ListRunsRequest: MessageTypeDefinition<_drover_v1_ListRunsRequest, _drover_v1_ListRunsRequest__Output>
      ListRunsResponse: MessageTypeDefinition<_drover_v1_ListRunsResponse, _drover_v1_ListRunsResponse__Output>
      Mode: EnumTypeDefinition
      Operator: SubtypeConstructor<typeof grpc.Client, _drover_v1_OperatorClient> & { service: _drover_v1_OperatorDefinition }
      OperatorRow: MessageTypeDefinition<_drover_v1_OperatorRow, _drover_v1_OperatorRow__Output>
      PauseEnd: EnumTypeDefinition
      PauseOfHost: MessageTypeDefinition<_drover_v1_PauseOfHost, _drover_v1_PauseOfHost__Output>
      PauseRequest: MessageTypeDefinition<_drover_v1_PauseRequest, _drover_v1_PauseRequest__Output>
      PauseResponse: MessageTypeDefinition<_drover_v1_PauseResponse, _drover_v1_PauseResponse__Output>
      Problem: MessageTypeDefinition<_drover_v1_Problem, _drover_v1_Problem__Output>
      RehearseRequest: MessageTypeDefinition<_drover_v1_RehearseRequest, _drover_v1_RehearseRequest__Output>
      RehearseResponse: MessageTypeDefinition<_drover_v1_RehearseResponse, _drover_v1_RehearseResponse__Output>
      ReleaseClaimRequest: MessageTypeDefinition<_drover_v1_ReleaseClaimRequest, _drover_v1_ReleaseClaimRequest__Output>
      ReleaseClaimResponse: MessageTypeDefinition<_drover_v1_ReleaseClaimResponse, _drover_v1_ReleaseClaimResponse__Output>
      RemoveOperatorRequest: MessageTypeDefinition<_drover_v1_RemoveOperatorRequest, _drover_v1_RemoveOperatorRequest__Output>
      RemoveOperatorResponse: MessageTypeDefinition<_drover_v1_RemoveOperatorResponse, _drover_v1_RemoveOperatorResponse__Output>
      RepairTimes: MessageTypeDefinition<_drover_v1_RepairTimes, _drover_v1_RepairTimes__Output>
      ReportHead: MessageTypeDefinition<_drover_v1_ReportHead, _drover_v1_ReportHead__Output>
      ResourcePair: MessageTypeDefinition<_drover_v1_ResourcePair, _drover_v1_ResourcePair__Output>
      ResourcePause: MessageTypeDefinition<_drover_v1_ResourcePause, _drover_v1_ResourcePause__Output>
      ResumeRequest: MessageTypeDefinition<_drover_v1_ResumeRequest, _drover_v1_ResumeRequest__Output>
      ResumeResponse: MessageTypeDefinition<_drover_v1_ResumeResponse, _drover_v1_ResumeResponse__Output>
      RevokeRequest: MessageTypeDefinition<_drover_v1_RevokeRequest, _drover_v1_RevokeRequest__Output>
      RevokeResponse: MessageTypeDefinition<_drover_v1_RevokeResponse, _drover_v1_RevokeResponse__Output>
      RoleOrigin: MessageTypeDefinition<_drover_v1_RoleOrigin, _drover_v1_RoleOrigin__Output>
      RunEnded: MessageTypeDefinition<_drover_v1_RunEnded, _drover_v1_RunEnded__Output>
      RunKind: EnumTypeDefinition
      RunRequest: MessageTypeDefinition<_drover_v1_RunRequest, _drover_v1_RunRequest__Output>
      RunResponse: MessageTypeDefinition<_drover_v1_RunResponse, _drover_v1_RunResponse__Output>
      RunRow: MessageTypeDefinition<_drover_v1_RunRow, _drover_v1_RunRow__Output>
      RunStarted: MessageTypeDefinition<_drover_v1_RunStarted, _drover_v1_RunStarted__Output>
      RunTrigger: EnumTypeDefinition
      Selection: MessageTypeDefinition<_drover_v1_Selection, _drover_v1_Selection__Output>
      Severity: EnumTypeDefinition
      UnassignRequest: MessageTypeDefinition<_drover_v1_UnassignRequest, _drover_v1_UnassignRequest__Output>
      UnassignResponse: MessageTypeDefinition<_drover_v1_UnassignResponse, _drover_v1_UnassignResponse__Output>
      UndoRequest: MessageTypeDefinition<_drover_v1_UndoRequest, _drover_v1_UndoRequest__Output>
      WatchedType: MessageTypeDefinition<_drover_v1_WatchedType, _drover_v1_WatchedType__Output>
      Watching: MessageTypeDefinition<_drover_v1_Watching, _drover_v1_Watching__Output>
    }
  }
}

