/* SPDX-License-Identifier: MIT */
typedef int room_under_construction;
