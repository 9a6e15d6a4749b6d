//! The HTTP interface, the pages and the tracker, over a real socket. One binary: to link each file alone took minutes.
#![allow(clippy::unwrap_used)]

mod arriving;
mod audio;
mod blobs;
mod car;
mod contract;
mod feed;
mod feeds;
mod gateway;
mod languages;
mod pages;
mod ranges;
mod refusals;
mod search;
mod social;
mod standing;
mod support;
mod tracker_http;
mod tracker_web;
mod tracks;
