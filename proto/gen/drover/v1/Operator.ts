// Original file: proto/drover/v1/operator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AddOperatorRequest as _drover_v1_AddOperatorRequest, AddOperatorRequest__Output as _drover_v1_AddOperatorRequest__Output } from '../../drover/v1/AddOperatorRequest.ts';
import type { AddOperatorResponse as _drover_v1_AddOperatorResponse, AddOperatorResponse__Output as _drover_v1_AddOperatorResponse__Output } from '../../drover/v1/AddOperatorResponse.ts';
import type { AssignRequest as _drover_v1_AssignRequest, AssignRequest__Output as _drover_v1_AssignRequest__Output } from '../../drover/v1/AssignRequest.ts';
import type { AssignResponse as _drover_v1_AssignResponse, AssignResponse__Output as _drover_v1_AssignResponse__Output } from '../../drover/v1/AssignResponse.ts';
import type { BackupRequest as _drover_v1_BackupRequest, BackupRequest__Output as _drover_v1_BackupRequest__Output } from '../../drover/v1/BackupRequest.ts';
import type { BackupResponse as _drover_v1_BackupResponse, BackupResponse__Output as _drover_v1_BackupResponse__Output } from '../../drover/v1/BackupResponse.ts';
import type { BlameRequest as _drover_v1_BlameRequest, BlameRequest__Output as _drover_v1_BlameRequest__Output } from '../../drover/v1/BlameRequest.ts';
import type { BlameResponse as _drover_v1_BlameResponse, BlameResponse__Output as _drover_v1_BlameResponse__Output } from '../../drover/v1/BlameResponse.ts';
import type { BringBackRequest as _drover_v1_BringBackRequest, BringBackRequest__Output as _drover_v1_BringBackRequest__Output } from '../../drover/v1/BringBackRequest.ts';
import type { BringBackResponse as _drover_v1_BringBackResponse, BringBackResponse__Output as _drover_v1_BringBackResponse__Output } from '../../drover/v1/BringBackResponse.ts';
import type { CompareCatalogsRequest as _drover_v1_CompareCatalogsRequest, CompareCatalogsRequest__Output as _drover_v1_CompareCatalogsRequest__Output } from '../../drover/v1/CompareCatalogsRequest.ts';
import type { CompareCatalogsResponse as _drover_v1_CompareCatalogsResponse, CompareCatalogsResponse__Output as _drover_v1_CompareCatalogsResponse__Output } from '../../drover/v1/CompareCatalogsResponse.ts';
import type { DiagnoseRequest as _drover_v1_DiagnoseRequest, DiagnoseRequest__Output as _drover_v1_DiagnoseRequest__Output } from '../../drover/v1/DiagnoseRequest.ts';
import type { DiagnoseResponse as _drover_v1_DiagnoseResponse, DiagnoseResponse__Output as _drover_v1_DiagnoseResponse__Output } from '../../drover/v1/DiagnoseResponse.ts';
import type { GetCompiledRequest as _drover_v1_GetCompiledRequest, GetCompiledRequest__Output as _drover_v1_GetCompiledRequest__Output } from '../../drover/v1/GetCompiledRequest.ts';
import type { GetCompiledResponse as _drover_v1_GetCompiledResponse, GetCompiledResponse__Output as _drover_v1_GetCompiledResponse__Output } from '../../drover/v1/GetCompiledResponse.ts';
import type { GetFactsRequest as _drover_v1_GetFactsRequest, GetFactsRequest__Output as _drover_v1_GetFactsRequest__Output } from '../../drover/v1/GetFactsRequest.ts';
import type { GetFactsResponse as _drover_v1_GetFactsResponse, GetFactsResponse__Output as _drover_v1_GetFactsResponse__Output } from '../../drover/v1/GetFactsResponse.ts';
import type { GetHostRequest as _drover_v1_GetHostRequest, GetHostRequest__Output as _drover_v1_GetHostRequest__Output } from '../../drover/v1/GetHostRequest.ts';
import type { GetHostResponse as _drover_v1_GetHostResponse, GetHostResponse__Output as _drover_v1_GetHostResponse__Output } from '../../drover/v1/GetHostResponse.ts';
import type { GetPastRequest as _drover_v1_GetPastRequest, GetPastRequest__Output as _drover_v1_GetPastRequest__Output } from '../../drover/v1/GetPastRequest.ts';
import type { GetPastResponse as _drover_v1_GetPastResponse, GetPastResponse__Output as _drover_v1_GetPastResponse__Output } from '../../drover/v1/GetPastResponse.ts';
import type { GetRunRequest as _drover_v1_GetRunRequest, GetRunRequest__Output as _drover_v1_GetRunRequest__Output } from '../../drover/v1/GetRunRequest.ts';
import type { GetRunResponse as _drover_v1_GetRunResponse, GetRunResponse__Output as _drover_v1_GetRunResponse__Output } from '../../drover/v1/GetRunResponse.ts';
import type { InviteRequest as _drover_v1_InviteRequest, InviteRequest__Output as _drover_v1_InviteRequest__Output } from '../../drover/v1/InviteRequest.ts';
import type { InviteResponse as _drover_v1_InviteResponse, InviteResponse__Output as _drover_v1_InviteResponse__Output } from '../../drover/v1/InviteResponse.ts';
import type { ListAuditRequest as _drover_v1_ListAuditRequest, ListAuditRequest__Output as _drover_v1_ListAuditRequest__Output } from '../../drover/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _drover_v1_ListAuditResponse, ListAuditResponse__Output as _drover_v1_ListAuditResponse__Output } from '../../drover/v1/ListAuditResponse.ts';
import type { ListChangesRequest as _drover_v1_ListChangesRequest, ListChangesRequest__Output as _drover_v1_ListChangesRequest__Output } from '../../drover/v1/ListChangesRequest.ts';
import type { ListChangesResponse as _drover_v1_ListChangesResponse, ListChangesResponse__Output as _drover_v1_ListChangesResponse__Output } from '../../drover/v1/ListChangesResponse.ts';
import type { ListDriftRequest as _drover_v1_ListDriftRequest, ListDriftRequest__Output as _drover_v1_ListDriftRequest__Output } from '../../drover/v1/ListDriftRequest.ts';
import type { ListDriftResponse as _drover_v1_ListDriftResponse, ListDriftResponse__Output as _drover_v1_ListDriftResponse__Output } from '../../drover/v1/ListDriftResponse.ts';
import type { ListHostsRequest as _drover_v1_ListHostsRequest, ListHostsRequest__Output as _drover_v1_ListHostsRequest__Output } from '../../drover/v1/ListHostsRequest.ts';
import type { ListHostsResponse as _drover_v1_ListHostsResponse, ListHostsResponse__Output as _drover_v1_ListHostsResponse__Output } from '../../drover/v1/ListHostsResponse.ts';
import type { ListOperatorsRequest as _drover_v1_ListOperatorsRequest, ListOperatorsRequest__Output as _drover_v1_ListOperatorsRequest__Output } from '../../drover/v1/ListOperatorsRequest.ts';
import type { ListOperatorsResponse as _drover_v1_ListOperatorsResponse, ListOperatorsResponse__Output as _drover_v1_ListOperatorsResponse__Output } from '../../drover/v1/ListOperatorsResponse.ts';
import type { ListOwnedRequest as _drover_v1_ListOwnedRequest, ListOwnedRequest__Output as _drover_v1_ListOwnedRequest__Output } from '../../drover/v1/ListOwnedRequest.ts';
import type { ListOwnedResponse as _drover_v1_ListOwnedResponse, ListOwnedResponse__Output as _drover_v1_ListOwnedResponse__Output } from '../../drover/v1/ListOwnedResponse.ts';
import type { ListQuarantineRequest as _drover_v1_ListQuarantineRequest, ListQuarantineRequest__Output as _drover_v1_ListQuarantineRequest__Output } from '../../drover/v1/ListQuarantineRequest.ts';
import type { ListQuarantineResponse as _drover_v1_ListQuarantineResponse, ListQuarantineResponse__Output as _drover_v1_ListQuarantineResponse__Output } from '../../drover/v1/ListQuarantineResponse.ts';
import type { ListRunsRequest as _drover_v1_ListRunsRequest, ListRunsRequest__Output as _drover_v1_ListRunsRequest__Output } from '../../drover/v1/ListRunsRequest.ts';
import type { ListRunsResponse as _drover_v1_ListRunsResponse, ListRunsResponse__Output as _drover_v1_ListRunsResponse__Output } from '../../drover/v1/ListRunsResponse.ts';
import type { PauseRequest as _drover_v1_PauseRequest, PauseRequest__Output as _drover_v1_PauseRequest__Output } from '../../drover/v1/PauseRequest.ts';
import type { PauseResponse as _drover_v1_PauseResponse, PauseResponse__Output as _drover_v1_PauseResponse__Output } from '../../drover/v1/PauseResponse.ts';
import type { RehearseRequest as _drover_v1_RehearseRequest, RehearseRequest__Output as _drover_v1_RehearseRequest__Output } from '../../drover/v1/RehearseRequest.ts';
import type { RehearseResponse as _drover_v1_RehearseResponse, RehearseResponse__Output as _drover_v1_RehearseResponse__Output } from '../../drover/v1/RehearseResponse.ts';
import type { ReleaseClaimRequest as _drover_v1_ReleaseClaimRequest, ReleaseClaimRequest__Output as _drover_v1_ReleaseClaimRequest__Output } from '../../drover/v1/ReleaseClaimRequest.ts';
import type { ReleaseClaimResponse as _drover_v1_ReleaseClaimResponse, ReleaseClaimResponse__Output as _drover_v1_ReleaseClaimResponse__Output } from '../../drover/v1/ReleaseClaimResponse.ts';
import type { RemoveOperatorRequest as _drover_v1_RemoveOperatorRequest, RemoveOperatorRequest__Output as _drover_v1_RemoveOperatorRequest__Output } from '../../drover/v1/RemoveOperatorRequest.ts';
import type { RemoveOperatorResponse as _drover_v1_RemoveOperatorResponse, RemoveOperatorResponse__Output as _drover_v1_RemoveOperatorResponse__Output } from '../../drover/v1/RemoveOperatorResponse.ts';
import type { ResumeRequest as _drover_v1_ResumeRequest, ResumeRequest__Output as _drover_v1_ResumeRequest__Output } from '../../drover/v1/ResumeRequest.ts';
import type { ResumeResponse as _drover_v1_ResumeResponse, ResumeResponse__Output as _drover_v1_ResumeResponse__Output } from '../../drover/v1/ResumeResponse.ts';
import type { RevokeRequest as _drover_v1_RevokeRequest, RevokeRequest__Output as _drover_v1_RevokeRequest__Output } from '../../drover/v1/RevokeRequest.ts';
import type { RevokeResponse as _drover_v1_RevokeResponse, RevokeResponse__Output as _drover_v1_RevokeResponse__Output } from '../../drover/v1/RevokeResponse.ts';
import type { RunRequest as _drover_v1_RunRequest, RunRequest__Output as _drover_v1_RunRequest__Output } from '../../drover/v1/RunRequest.ts';
import type { RunResponse as _drover_v1_RunResponse, RunResponse__Output as _drover_v1_RunResponse__Output } from '../../drover/v1/RunResponse.ts';
import type { UnassignRequest as _drover_v1_UnassignRequest, UnassignRequest__Output as _drover_v1_UnassignRequest__Output } from '../../drover/v1/UnassignRequest.ts';
import type { UnassignResponse as _drover_v1_UnassignResponse, UnassignResponse__Output as _drover_v1_UnassignResponse__Output } from '../../drover/v1/UnassignResponse.ts';
import type { UndoRequest as _drover_v1_UndoRequest, UndoRequest__Output as _drover_v1_UndoRequest__Output } from '../../drover/v1/UndoRequest.ts';

export interface OperatorClient extends grpc.Client {
  AddOperator(argument: _drover_v1_AddOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  AddOperator(argument: _drover_v1_AddOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  AddOperator(argument: _drover_v1_AddOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  AddOperator(argument: _drover_v1_AddOperatorRequest, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  addOperator(argument: _drover_v1_AddOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  addOperator(argument: _drover_v1_AddOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  addOperator(argument: _drover_v1_AddOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  addOperator(argument: _drover_v1_AddOperatorRequest, callback: grpc.requestCallback<_drover_v1_AddOperatorResponse__Output>): grpc.ClientUnaryCall;
  
  Assign(argument: _drover_v1_AssignRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  Assign(argument: _drover_v1_AssignRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  Assign(argument: _drover_v1_AssignRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  Assign(argument: _drover_v1_AssignRequest, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  assign(argument: _drover_v1_AssignRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  assign(argument: _drover_v1_AssignRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  assign(argument: _drover_v1_AssignRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  assign(argument: _drover_v1_AssignRequest, callback: grpc.requestCallback<_drover_v1_AssignResponse__Output>): grpc.ClientUnaryCall;
  
  Backup(argument: _drover_v1_BackupRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_BackupResponse__Output>;
  Backup(argument: _drover_v1_BackupRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_BackupResponse__Output>;
  backup(argument: _drover_v1_BackupRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_BackupResponse__Output>;
  backup(argument: _drover_v1_BackupRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_BackupResponse__Output>;
  
  Blame(argument: _drover_v1_BlameRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  Blame(argument: _drover_v1_BlameRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  Blame(argument: _drover_v1_BlameRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  Blame(argument: _drover_v1_BlameRequest, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  blame(argument: _drover_v1_BlameRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  blame(argument: _drover_v1_BlameRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  blame(argument: _drover_v1_BlameRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  blame(argument: _drover_v1_BlameRequest, callback: grpc.requestCallback<_drover_v1_BlameResponse__Output>): grpc.ClientUnaryCall;
  
  BringBack(argument: _drover_v1_BringBackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  BringBack(argument: _drover_v1_BringBackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  BringBack(argument: _drover_v1_BringBackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  BringBack(argument: _drover_v1_BringBackRequest, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  bringBack(argument: _drover_v1_BringBackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  bringBack(argument: _drover_v1_BringBackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  bringBack(argument: _drover_v1_BringBackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  bringBack(argument: _drover_v1_BringBackRequest, callback: grpc.requestCallback<_drover_v1_BringBackResponse__Output>): grpc.ClientUnaryCall;
  
  CompareCatalogs(argument: _drover_v1_CompareCatalogsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_CompareCatalogsResponse__Output>;
  CompareCatalogs(argument: _drover_v1_CompareCatalogsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_CompareCatalogsResponse__Output>;
  compareCatalogs(argument: _drover_v1_CompareCatalogsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_CompareCatalogsResponse__Output>;
  compareCatalogs(argument: _drover_v1_CompareCatalogsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_CompareCatalogsResponse__Output>;
  
  Diagnose(argument: _drover_v1_DiagnoseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _drover_v1_DiagnoseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _drover_v1_DiagnoseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _drover_v1_DiagnoseRequest, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _drover_v1_DiagnoseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _drover_v1_DiagnoseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _drover_v1_DiagnoseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _drover_v1_DiagnoseRequest, callback: grpc.requestCallback<_drover_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  
  GetCompiled(argument: _drover_v1_GetCompiledRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCompiledResponse__Output>;
  GetCompiled(argument: _drover_v1_GetCompiledRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCompiledResponse__Output>;
  getCompiled(argument: _drover_v1_GetCompiledRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCompiledResponse__Output>;
  getCompiled(argument: _drover_v1_GetCompiledRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCompiledResponse__Output>;
  
  GetFacts(argument: _drover_v1_GetFactsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  GetFacts(argument: _drover_v1_GetFactsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  GetFacts(argument: _drover_v1_GetFactsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  GetFacts(argument: _drover_v1_GetFactsRequest, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  getFacts(argument: _drover_v1_GetFactsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  getFacts(argument: _drover_v1_GetFactsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  getFacts(argument: _drover_v1_GetFactsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  getFacts(argument: _drover_v1_GetFactsRequest, callback: grpc.requestCallback<_drover_v1_GetFactsResponse__Output>): grpc.ClientUnaryCall;
  
  GetHost(argument: _drover_v1_GetHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  GetHost(argument: _drover_v1_GetHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  GetHost(argument: _drover_v1_GetHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  GetHost(argument: _drover_v1_GetHostRequest, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  getHost(argument: _drover_v1_GetHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  getHost(argument: _drover_v1_GetHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  getHost(argument: _drover_v1_GetHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  getHost(argument: _drover_v1_GetHostRequest, callback: grpc.requestCallback<_drover_v1_GetHostResponse__Output>): grpc.ClientUnaryCall;
  
  GetPast(argument: _drover_v1_GetPastRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  GetPast(argument: _drover_v1_GetPastRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  GetPast(argument: _drover_v1_GetPastRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  GetPast(argument: _drover_v1_GetPastRequest, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  getPast(argument: _drover_v1_GetPastRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  getPast(argument: _drover_v1_GetPastRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  getPast(argument: _drover_v1_GetPastRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  getPast(argument: _drover_v1_GetPastRequest, callback: grpc.requestCallback<_drover_v1_GetPastResponse__Output>): grpc.ClientUnaryCall;
  
  GetRun(argument: _drover_v1_GetRunRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  GetRun(argument: _drover_v1_GetRunRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  GetRun(argument: _drover_v1_GetRunRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  GetRun(argument: _drover_v1_GetRunRequest, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  getRun(argument: _drover_v1_GetRunRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  getRun(argument: _drover_v1_GetRunRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  getRun(argument: _drover_v1_GetRunRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  getRun(argument: _drover_v1_GetRunRequest, callback: grpc.requestCallback<_drover_v1_GetRunResponse__Output>): grpc.ClientUnaryCall;
  
  Invite(argument: _drover_v1_InviteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  Invite(argument: _drover_v1_InviteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  Invite(argument: _drover_v1_InviteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  Invite(argument: _drover_v1_InviteRequest, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  invite(argument: _drover_v1_InviteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  invite(argument: _drover_v1_InviteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  invite(argument: _drover_v1_InviteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  invite(argument: _drover_v1_InviteRequest, callback: grpc.requestCallback<_drover_v1_InviteResponse__Output>): grpc.ClientUnaryCall;
  
  ListAudit(argument: _drover_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _drover_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _drover_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _drover_v1_ListAuditRequest, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _drover_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _drover_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _drover_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _drover_v1_ListAuditRequest, callback: grpc.requestCallback<_drover_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  
  ListChanges(argument: _drover_v1_ListChangesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  ListChanges(argument: _drover_v1_ListChangesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  ListChanges(argument: _drover_v1_ListChangesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  ListChanges(argument: _drover_v1_ListChangesRequest, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  listChanges(argument: _drover_v1_ListChangesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  listChanges(argument: _drover_v1_ListChangesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  listChanges(argument: _drover_v1_ListChangesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  listChanges(argument: _drover_v1_ListChangesRequest, callback: grpc.requestCallback<_drover_v1_ListChangesResponse__Output>): grpc.ClientUnaryCall;
  
  ListDrift(argument: _drover_v1_ListDriftRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  ListDrift(argument: _drover_v1_ListDriftRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  ListDrift(argument: _drover_v1_ListDriftRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  ListDrift(argument: _drover_v1_ListDriftRequest, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  listDrift(argument: _drover_v1_ListDriftRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  listDrift(argument: _drover_v1_ListDriftRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  listDrift(argument: _drover_v1_ListDriftRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  listDrift(argument: _drover_v1_ListDriftRequest, callback: grpc.requestCallback<_drover_v1_ListDriftResponse__Output>): grpc.ClientUnaryCall;
  
  ListHosts(argument: _drover_v1_ListHostsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _drover_v1_ListHostsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _drover_v1_ListHostsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _drover_v1_ListHostsRequest, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _drover_v1_ListHostsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _drover_v1_ListHostsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _drover_v1_ListHostsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _drover_v1_ListHostsRequest, callback: grpc.requestCallback<_drover_v1_ListHostsResponse__Output>): grpc.ClientUnaryCall;
  
  ListOperators(argument: _drover_v1_ListOperatorsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  ListOperators(argument: _drover_v1_ListOperatorsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  ListOperators(argument: _drover_v1_ListOperatorsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  ListOperators(argument: _drover_v1_ListOperatorsRequest, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  listOperators(argument: _drover_v1_ListOperatorsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  listOperators(argument: _drover_v1_ListOperatorsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  listOperators(argument: _drover_v1_ListOperatorsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  listOperators(argument: _drover_v1_ListOperatorsRequest, callback: grpc.requestCallback<_drover_v1_ListOperatorsResponse__Output>): grpc.ClientUnaryCall;
  
  ListOwned(argument: _drover_v1_ListOwnedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  ListOwned(argument: _drover_v1_ListOwnedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  ListOwned(argument: _drover_v1_ListOwnedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  ListOwned(argument: _drover_v1_ListOwnedRequest, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  listOwned(argument: _drover_v1_ListOwnedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  listOwned(argument: _drover_v1_ListOwnedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  listOwned(argument: _drover_v1_ListOwnedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  listOwned(argument: _drover_v1_ListOwnedRequest, callback: grpc.requestCallback<_drover_v1_ListOwnedResponse__Output>): grpc.ClientUnaryCall;
  
  ListQuarantine(argument: _drover_v1_ListQuarantineRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantine(argument: _drover_v1_ListQuarantineRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantine(argument: _drover_v1_ListQuarantineRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantine(argument: _drover_v1_ListQuarantineRequest, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  listQuarantine(argument: _drover_v1_ListQuarantineRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  listQuarantine(argument: _drover_v1_ListQuarantineRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  listQuarantine(argument: _drover_v1_ListQuarantineRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  listQuarantine(argument: _drover_v1_ListQuarantineRequest, callback: grpc.requestCallback<_drover_v1_ListQuarantineResponse__Output>): grpc.ClientUnaryCall;
  
  ListRuns(argument: _drover_v1_ListRunsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  ListRuns(argument: _drover_v1_ListRunsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  ListRuns(argument: _drover_v1_ListRunsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  ListRuns(argument: _drover_v1_ListRunsRequest, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  listRuns(argument: _drover_v1_ListRunsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  listRuns(argument: _drover_v1_ListRunsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  listRuns(argument: _drover_v1_ListRunsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  listRuns(argument: _drover_v1_ListRunsRequest, callback: grpc.requestCallback<_drover_v1_ListRunsResponse__Output>): grpc.ClientUnaryCall;
  
  Pause(argument: _drover_v1_PauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _drover_v1_PauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _drover_v1_PauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _drover_v1_PauseRequest, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _drover_v1_PauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _drover_v1_PauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _drover_v1_PauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _drover_v1_PauseRequest, callback: grpc.requestCallback<_drover_v1_PauseResponse__Output>): grpc.ClientUnaryCall;
  
  Rehearse(argument: _drover_v1_RehearseRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RehearseResponse__Output>;
  Rehearse(argument: _drover_v1_RehearseRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RehearseResponse__Output>;
  rehearse(argument: _drover_v1_RehearseRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RehearseResponse__Output>;
  rehearse(argument: _drover_v1_RehearseRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RehearseResponse__Output>;
  
  ReleaseClaim(argument: _drover_v1_ReleaseClaimRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  ReleaseClaim(argument: _drover_v1_ReleaseClaimRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  ReleaseClaim(argument: _drover_v1_ReleaseClaimRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  ReleaseClaim(argument: _drover_v1_ReleaseClaimRequest, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  releaseClaim(argument: _drover_v1_ReleaseClaimRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  releaseClaim(argument: _drover_v1_ReleaseClaimRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  releaseClaim(argument: _drover_v1_ReleaseClaimRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  releaseClaim(argument: _drover_v1_ReleaseClaimRequest, callback: grpc.requestCallback<_drover_v1_ReleaseClaimResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveOperator(argument: _drover_v1_RemoveOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  RemoveOperator(argument: _drover_v1_RemoveOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  RemoveOperator(argument: _drover_v1_RemoveOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  RemoveOperator(argument: _drover_v1_RemoveOperatorRequest, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  removeOperator(argument: _drover_v1_RemoveOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  removeOperator(argument: _drover_v1_RemoveOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  removeOperator(argument: _drover_v1_RemoveOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  removeOperator(argument: _drover_v1_RemoveOperatorRequest, callback: grpc.requestCallback<_drover_v1_RemoveOperatorResponse__Output>): grpc.ClientUnaryCall;
  
  Resume(argument: _drover_v1_ResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _drover_v1_ResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _drover_v1_ResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _drover_v1_ResumeRequest, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _drover_v1_ResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _drover_v1_ResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _drover_v1_ResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _drover_v1_ResumeRequest, callback: grpc.requestCallback<_drover_v1_ResumeResponse__Output>): grpc.ClientUnaryCall;
  
  Revoke(argument: _drover_v1_RevokeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _drover_v1_RevokeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _drover_v1_RevokeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _drover_v1_RevokeRequest, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revoke(argument: _drover_v1_RevokeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revoke(argument: _drover_v1_RevokeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revoke(argument: _drover_v1_RevokeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revoke(argument: _drover_v1_RevokeRequest, callback: grpc.requestCallback<_drover_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  
  Run(argument: _drover_v1_RunRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  Run(argument: _drover_v1_RunRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  run(argument: _drover_v1_RunRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  run(argument: _drover_v1_RunRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  
  Unassign(argument: _drover_v1_UnassignRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  Unassign(argument: _drover_v1_UnassignRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  Unassign(argument: _drover_v1_UnassignRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  Unassign(argument: _drover_v1_UnassignRequest, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  unassign(argument: _drover_v1_UnassignRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  unassign(argument: _drover_v1_UnassignRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  unassign(argument: _drover_v1_UnassignRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  unassign(argument: _drover_v1_UnassignRequest, callback: grpc.requestCallback<_drover_v1_UnassignResponse__Output>): grpc.ClientUnaryCall;
  
  Undo(argument: _drover_v1_UndoRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  Undo(argument: _drover_v1_UndoRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  undo(argument: _drover_v1_UndoRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  undo(argument: _drover_v1_UndoRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_RunResponse__Output>;
  
}

export interface OperatorHandlers extends grpc.UntypedServiceImplementation {
  AddOperator: grpc.handleUnaryCall<_drover_v1_AddOperatorRequest__Output, _drover_v1_AddOperatorResponse>;
  
  Assign: grpc.handleUnaryCall<_drover_v1_AssignRequest__Output, _drover_v1_AssignResponse>;
  
  Backup: grpc.handleServerStreamingCall<_drover_v1_BackupRequest__Output, _drover_v1_BackupResponse>;
  
  Blame: grpc.handleUnaryCall<_drover_v1_BlameRequest__Output, _drover_v1_BlameResponse>;
  
  BringBack: grpc.handleUnaryCall<_drover_v1_BringBackRequest__Output, _drover_v1_BringBackResponse>;
  
  CompareCatalogs: grpc.handleServerStreamingCall<_drover_v1_CompareCatalogsRequest__Output, _drover_v1_CompareCatalogsResponse>;
  
  Diagnose: grpc.handleUnaryCall<_drover_v1_DiagnoseRequest__Output, _drover_v1_DiagnoseResponse>;
  
  GetCompiled: grpc.handleServerStreamingCall<_drover_v1_GetCompiledRequest__Output, _drover_v1_GetCompiledResponse>;
  
  GetFacts: grpc.handleUnaryCall<_drover_v1_GetFactsRequest__Output, _drover_v1_GetFactsResponse>;
  
  GetHost: grpc.handleUnaryCall<_drover_v1_GetHostRequest__Output, _drover_v1_GetHostResponse>;
  
  GetPast: grpc.handleUnaryCall<_drover_v1_GetPastRequest__Output, _drover_v1_GetPastResponse>;
  
  GetRun: grpc.handleUnaryCall<_drover_v1_GetRunRequest__Output, _drover_v1_GetRunResponse>;
  
  Invite: grpc.handleUnaryCall<_drover_v1_InviteRequest__Output, _drover_v1_InviteResponse>;
  
  ListAudit: grpc.handleUnaryCall<_drover_v1_ListAuditRequest__Output, _drover_v1_ListAuditResponse>;
  
  ListChanges: grpc.handleUnaryCall<_drover_v1_ListChangesRequest__Output, _drover_v1_ListChangesResponse>;
  
  ListDrift: grpc.handleUnaryCall<_drover_v1_ListDriftRequest__Output, _drover_v1_ListDriftResponse>;
  
  ListHosts: grpc.handleUnaryCall<_drover_v1_ListHostsRequest__Output, _drover_v1_ListHostsResponse>;
  
  ListOperators: grpc.handleUnaryCall<_drover_v1_ListOperatorsRequest__Output, _drover_v1_ListOperatorsResponse>;
  
  ListOwned: grpc.handleUnaryCall<_drover_v1_ListOwnedRequest__Output, _drover_v1_ListOwnedResponse>;
  
  ListQuarantine: grpc.handleUnaryCall<_drover_v1_ListQuarantineRequest__Output, _drover_v1_ListQuarantineResponse>;
  
  ListRuns: grpc.handleUnaryCall<_drover_v1_ListRunsRequest__Output, _drover_v1_ListRunsResponse>;
  
  Pause: grpc.handleUnaryCall<_drover_v1_PauseRequest__Output, _drover_v1_PauseResponse>;
  
  Rehearse: grpc.handleServerStreamingCall<_drover_v1_RehearseRequest__Output, _drover_v1_RehearseResponse>;
  
  ReleaseClaim: grpc.handleUnaryCall<_drover_v1_ReleaseClaimRequest__Output, _drover_v1_ReleaseClaimResponse>;
  
  RemoveOperator: grpc.handleUnaryCall<_drover_v1_RemoveOperatorRequest__Output, _drover_v1_RemoveOperatorResponse>;
  
  Resume: grpc.handleUnaryCall<_drover_v1_ResumeRequest__Output, _drover_v1_ResumeResponse>;
  
  Revoke: grpc.handleUnaryCall<_drover_v1_RevokeRequest__Output, _drover_v1_RevokeResponse>;
  
  Run: grpc.handleServerStreamingCall<_drover_v1_RunRequest__Output, _drover_v1_RunResponse>;
  
  Unassign: grpc.handleUnaryCall<_drover_v1_UnassignRequest__Output, _drover_v1_UnassignResponse>;
  
  Undo: grpc.handleServerStreamingCall<_drover_v1_UndoRequest__Output, _drover_v1_RunResponse>;
  
}

export interface OperatorDefinition extends grpc.ServiceDefinition {
  AddOperator: MethodDefinition<_drover_v1_AddOperatorRequest, _drover_v1_AddOperatorResponse, _drover_v1_AddOperatorRequest__Output, _drover_v1_AddOperatorResponse__Output>
  Assign: MethodDefinition<_drover_v1_AssignRequest, _drover_v1_AssignResponse, _drover_v1_AssignRequest__Output, _drover_v1_AssignResponse__Output>
  Backup: MethodDefinition<_drover_v1_BackupRequest, _drover_v1_BackupResponse, _drover_v1_BackupRequest__Output, _drover_v1_BackupResponse__Output>
  Blame: MethodDefinition<_drover_v1_BlameRequest, _drover_v1_BlameResponse, _drover_v1_BlameRequest__Output, _drover_v1_BlameResponse__Output>
  BringBack: MethodDefinition<_drover_v1_BringBackRequest, _drover_v1_BringBackResponse, _drover_v1_BringBackRequest__Output, _drover_v1_BringBackResponse__Output>
  CompareCatalogs: MethodDefinition<_drover_v1_CompareCatalogsRequest, _drover_v1_CompareCatalogsResponse, _drover_v1_CompareCatalogsRequest__Output, _drover_v1_CompareCatalogsResponse__Output>
  Diagnose: MethodDefinition<_drover_v1_DiagnoseRequest, _drover_v1_DiagnoseResponse, _drover_v1_DiagnoseRequest__Output, _drover_v1_DiagnoseResponse__Output>
  GetCompiled: MethodDefinition<_drover_v1_GetCompiledRequest, _drover_v1_GetCompiledResponse, _drover_v1_GetCompiledRequest__Output, _drover_v1_GetCompiledResponse__Output>
  GetFacts: MethodDefinition<_drover_v1_GetFactsRequest, _drover_v1_GetFactsResponse, _drover_v1_GetFactsRequest__Output, _drover_v1_GetFactsResponse__Output>
  GetHost: MethodDefinition<_drover_v1_GetHostRequest, _drover_v1_GetHostResponse, _drover_v1_GetHostRequest__Output, _drover_v1_GetHostResponse__Output>
  GetPast: MethodDefinition<_drover_v1_GetPastRequest, _drover_v1_GetPastResponse, _drover_v1_GetPastRequest__Output, _drover_v1_GetPastResponse__Output>
  GetRun: MethodDefinition<_drover_v1_GetRunRequest, _drover_v1_GetRunResponse, _drover_v1_GetRunRequest__Output, _drover_v1_GetRunResponse__Output>
  Invite: MethodDefinition<_drover_v1_InviteRequest, _drover_v1_InviteResponse, _drover_v1_InviteRequest__Output, _drover_v1_InviteResponse__Output>
  ListAudit: MethodDefinition<_drover_v1_ListAuditRequest, _drover_v1_ListAuditResponse, _drover_v1_ListAuditRequest__Output, _drover_v1_ListAuditResponse__Output>
  ListChanges: MethodDefinition<_drover_v1_ListChangesRequest, _drover_v1_ListChangesResponse, _drover_v1_ListChangesRequest__Output, _drover_v1_ListChangesResponse__Output>
  ListDrift: MethodDefinition<_drover_v1_ListDriftRequest, _drover_v1_ListDriftResponse, _drover_v1_ListDriftRequest__Output, _drover_v1_ListDriftResponse__Output>
  ListHosts: MethodDefinition<_drover_v1_ListHostsRequest, _drover_v1_ListHostsResponse, _drover_v1_ListHostsRequest__Output, _drover_v1_ListHostsResponse__Output>
  ListOperators: MethodDefinition<_drover_v1_ListOperatorsRequest, _drover_v1_ListOperatorsResponse, _drover_v1_ListOperatorsRequest__Output, _drover_v1_ListOperatorsResponse__Output>
  ListOwned: MethodDefinition<_drover_v1_ListOwnedRequest, _drover_v1_ListOwnedResponse, _drover_v1_ListOwnedRequest__Output, _drover_v1_ListOwnedResponse__Output>
  ListQuarantine: MethodDefinition<_drover_v1_ListQuarantineRequest, _drover_v1_ListQuarantineResponse, _drover_v1_ListQuarantineRequest__Output, _drover_v1_ListQuarantineResponse__Output>
  ListRuns: MethodDefinition<_drover_v1_ListRunsRequest, _drover_v1_ListRunsResponse, _drover_v1_ListRunsRequest__Output, _drover_v1_ListRunsResponse__Output>
  Pause: MethodDefinition<_drover_v1_PauseRequest, _drover_v1_PauseResponse, _drover_v1_PauseRequest__Output, _drover_v1_PauseResponse__Output>
  Rehearse: MethodDefinition<_drover_v1_RehearseRequest, _drover_v1_RehearseResponse, _drover_v1_RehearseRequest__Output, _drover_v1_RehearseResponse__Output>
  ReleaseClaim: MethodDefinition<_drover_v1_ReleaseClaimRequest, _drover_v1_ReleaseClaimResponse, _drover_v1_ReleaseClaimRequest__Output, _drover_v1_ReleaseClaimResponse__Output>
  RemoveOperator: MethodDefinition<_drover_v1_RemoveOperatorRequest, _drover_v1_RemoveOperatorResponse, _drover_v1_RemoveOperatorRequest__Output, _drover_v1_RemoveOperatorResponse__Output>
  Resume: MethodDefinition<_drover_v1_ResumeRequest, _drover_v1_ResumeResponse, _drover_v1_ResumeRequest__Output, _drover_v1_ResumeResponse__Output>
  Revoke: MethodDefinition<_drover_v1_RevokeRequest, _drover_v1_RevokeResponse, _drover_v1_RevokeRequest__Output, _drover_v1_RevokeResponse__Output>
  Run: MethodDefinition<_drover_v1_RunRequest, _drover_v1_RunResponse, _drover_v1_RunRequest__Output, _drover_v1_RunResponse__Output>
  Unassign: MethodDefinition<_drover_v1_UnassignRequest, _drover_v1_UnassignResponse, _drover_v1_UnassignRequest__Output, _drover_v1_UnassignResponse__Output>
  Undo: MethodDefinition<_drover_v1_UndoRequest, _drover_v1_RunResponse, _drover_v1_UndoRequest__Output, _drover_v1_RunResponse__Output>
}
